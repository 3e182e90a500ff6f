import { X509Certificate } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from "../../../../local/tls/certificate-authority";
import { LabPaths } from "../../../../local/paths";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
const certificate = (file: string) => new X509Certificate(fs.readFileSync(file));

async function authority(name = "lab"): Promise<LabPaths> {
  const paths = new LabPaths(path.join(folder(), name));
  await ensureCertificateAuthority(paths);
  return paths;
}

describe("the lab's certificate authority", () => {
  test("is created once, with a key that only its owner can read", async () => {
    const paths = await authority();
    const before = fs.readFileSync(paths.caCertificate, "utf8");
    await ensureCertificateAuthority(paths);
    expect(fs.readFileSync(paths.caCertificate, "utf8")).toBe(before);
    expect(certificate(paths.caCertificate).ca).toBe(true);
    expect(fs.statSync(paths.caKey).mode & 0o777).toBe(0o600);
  });

  test("signs a server's certificate for its names and loopback, and no others", async () => {
    const paths = await authority();
    const files = await ensureServerCertificate(paths, "blob", ["*.blob.core.windows.net"]);
    const server = certificate(files.cert);
    expect(server.verify(certificate(paths.caCertificate).publicKey)).toBe(true);
    expect(server.checkIssued(certificate(paths.caCertificate))).toBe(true);
    expect(server.checkHost("account.blob.core.windows.net")).toBeDefined();
    expect(server.checkHost("account.file.core.windows.net")).toBeUndefined();
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.ca).toBe(false);
    const days = (Date.parse(server.validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(90);
    // The longest validity that Apple's clients accept.
    expect(days).toBeLessThan(398);
    expect(fs.statSync(files.key).mode & 0o777).toBe(0o600);
  });

  test("keeps a server's certificate, and renews it for another authority or without its key", async () => {
    const paths = await authority();
    const ensure = () => ensureServerCertificate(paths, "arm", ["localhost"]);
    const { key, cert } = await ensure();
    const serial = () => certificate(cert).serialNumber;
    const first = serial();
    await ensure();
    expect(serial()).toBe(first);
    fs.rmSync(key);
    await ensure();
    const second = serial();
    expect(second).not.toBe(first);
    fs.rmSync(paths.caCertificate);
    await ensureCertificateAuthority(paths);
    await ensure();
    expect(serial()).not.toBe(second);
    expect(certificate(cert).verify(certificate(paths.caCertificate).publicKey)).toBe(true);
  });

  describe("is created again, and says so,", () => {
    const DAY = 86_400_000;
    afterEach(() => {
      jest.restoreAllMocks();
    });
    const at = (days: number) => {
      const then = Date.now() + days * DAY;
      jest.spyOn(Date, "now").mockReturnValue(then);
    };

    test.each<[string, (paths: LabPaths, other: LabPaths) => void]>([
      ["without its key", ({ caKey }) => fs.rmSync(caKey)],
      ["with another authority's key", ({ caKey }, other) => fs.copyFileSync(other.caKey, caKey)],
      ["with a damaged certificate", ({ caCertificate }) => fs.writeFileSync(caCertificate, "x")],
      ["a month before its end", () => at(3625)],
    ])("%s", async (_, damage) => {
      const paths = await authority();
      damage(paths, await authority("other"));
      expect(await ensureCertificateAuthority(paths)).toBe(true);
      expect(await ensureCertificateAuthority(paths)).toBe(false);
    });

    test("but not because this machine's clock is wrong", async () => {
      const paths = await authority();
      at(-400);
      await expect(ensureCertificateAuthority(paths)).rejects.toThrow(
        /clock says \d{4}-.*authority was created later.*Set the clock/,
      );
    });

    test("as a server's certificate is: before its end, and where its key is another's", async () => {
      const paths = await authority();
      const ensure = () => ensureServerCertificate(paths, "arm", ["localhost"]);
      const { key, cert } = await ensure();
      const serial = () => certificate(cert).serialNumber;
      const serials = [serial()];
      at(300);
      await ensure();
      serials.push(serial());
      at(390);
      await ensure();
      serials.push(serial());
      jest.restoreAllMocks();
      fs.copyFileSync(paths.caKey, key);
      await ensure();
      serials.push(serial());
      expect(serials[1]).toBe(serials[0]);
      expect(new Set(serials).size).toBe(3);
    });
  });

  test("of one lab doesn't verify another's certificates", async () => {
    const [one, two] = [await authority("one"), await authority("two")];
    const { cert } = await ensureServerCertificate(one, "arm", ["localhost"]);
    expect(certificate(cert).checkIssued(certificate(two.caCertificate))).toBe(false);
  });
});
