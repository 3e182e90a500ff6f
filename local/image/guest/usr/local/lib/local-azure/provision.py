"""Provisions the machine once: waits for its profile from the host and runs cloud-init with it.

It starts during the build of the image, and its waiting process is part of the saved state; each
VM is a copy that continues from there. So cloud-init's modules are imported before a profile
arrives: under emulation the imports take longer than the rest of cloud-init.

The channel is a virtio serial port. The guest sends the line "ready"; the host responds with one
line of JSON, {"time": seconds since 1970, "files": {path: content}}, where the files are
cloud-init's seed and configuration; the guest ends with one line of JSON, {"errors": [text]}.
"""

import importlib
import json
import os
import subprocess
import sys
import time
import traceback

from cloudinit import util
from cloudinit.cmd.main import main as cloud_init

PORT = "/dev/virtio-ports/local-azure.provision"
DONE = "/var/lib/local-azure/provisioned"
STAGES = (
    ["init", "--local"],
    ["init"],
    ["modules", "--mode=config"],
    ["modules", "--mode=final"],
)
# For Azure a machine is ready after these stages: a later failure of a user's script is reported
# only in the guest's /var/log/cloud-init-output.log.
DECISIVE = ("init-local", "init")
# Azure's agent waits for this key for half an hour at each boot, and then reports that the machine isn't ready.
# Source: WALinuxAgent, pa/provision/cloudinit.py, wait_for_ssh_host_key, with Provisioning.SshHostKeyPairType=rsa.
AGENT_HOST_KEY = "/etc/ssh/ssh_host_rsa_key.pub"
# Imported by cloud-init at run time, by name.
LATE_IMPORTS = ["cloudinit.distros.debian", "cloudinit.sources.DataSourceNoCloud", "jsonschema"]
# The first commands of a new VM. After a run here, their files are in the memory of every copy.
WARM_UP = """
dnf --version
gpg --version
psql --version
curl --version
rpm --query --all
ip address
useradd --help
passwd --status root
sshd -T
sudo true
systemctl status ssh
fusermount3 --version
"""


def warm_up():
    config = util.read_conf("/etc/cloud/cloud.cfg")
    lists = [config["cloud_%s_modules" % stage] for stage in ("init", "config", "final")]
    modules = ["cloudinit.config.cc_" + name.replace("-", "_") for name in sum(lists, [])]
    for module in LATE_IMPORTS + modules:
        importlib.import_module(module)
    quiet = {name: subprocess.DEVNULL for name in ("stdin", "stdout", "stderr")}
    for command in WARM_UP.strip().splitlines():
        subprocess.run(command.split(), check=False, **quiet)


def send(port, line):
    os.write(port, line.encode() + b"\n")


def receive(port):
    """The next line. A port that no host has open reads as empty, so it is polled."""
    data = b""
    while not data.endswith(b"\n"):
        chunk = os.read(port, 65536)
        if not chunk:
            time.sleep(0.05)
        data += chunk
    return data.decode()


def write_file(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)


def run_stage(arguments):
    """Runs a stage of cloud-init in a child process; returns its errors."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = cloud_init(["cloud-init", *arguments])
        except SystemExit as end:
            status = end.code
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1 if status else 0)
    _, status = os.waitpid(child, 0)
    return [] if status == 0 else ["cloud-init %s failed" % " ".join(arguments)]


def provision(profile):
    time.clock_settime(time.CLOCK_REALTIME, profile["time"])
    for path, content in profile["files"].items():
        write_file(path, content)
    errors = []
    for stage in STAGES:
        started = time.monotonic()
        failed = run_stage(stage)
        if stage[0] == "init":
            errors += failed
        print("cloud-init %s: %.1f s" % (" ".join(stage), time.monotonic() - started), flush=True)
    if not os.path.exists(AGENT_HOST_KEY):
        errors.append("Azure's agent found no host key %s" % AGENT_HOST_KEY)
    with open("/run/cloud-init/status.json") as file:
        status = json.load(file)["v1"]
    return errors + [error for stage in DECISIVE for error in status[stage]["errors"]]


def main():
    warm_up()
    port = os.open(PORT, os.O_RDWR)
    send(port, "ready")
    profile = json.loads(receive(port))
    errors = provision(profile)
    if not errors:
        write_file(DONE, "")
        # From here on the machine has a user's data, which must survive a kill of the emulator.
        os.sync()
    send(port, json.dumps({"errors": errors}))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
