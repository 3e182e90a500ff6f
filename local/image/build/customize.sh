#!/usr/bin/env bash
# Turns Debian's packages into the VM's root file system; mmdebstrap runs it before it packs the result.
# The folder of this file, the folder "guest" and the CA certificate are in the same folder below ROOT.
# usage: customize.sh ROOT CA_CERTIFICATE
set -o errexit -o nounset -o pipefail

root=${1:?root file system}
sources=$(cd "$(dirname "$0")/.." && pwd)
ca_certificate=${sources}/${2:?file name of the certificate of the CA}

install_files() {
  tar -C "${sources}/guest" --owner=0 --group=0 --mode='u=rwX,go=rX' -cf - . | tar -C "${root}" --no-same-permissions -xf -
  printf 'rhel\n' >"${root}/etc/hostname"
  printf '127.0.0.1 localhost\n::1 localhost\n' >"${root}/etc/hosts"
  printf 'nameserver 127.0.0.1\n' >"${root}/etc/resolv.conf"
  # The second line replaces the one for the temporary disk of Azure's images, which waits for cloud-init:
  # /dev/disk/cloud/azure_resource-part1 /mnt auto defaults,nofail,x-systemd.requires=cloud-init.service,_netdev 0 2
  printf '%s\n' '/dev/vda / ext4 defaults,noatime 0 0' \
    'tmpfs /mnt tmpfs size=64m,nofail,x-systemd.requires=local-azure-provision.service,_netdev 0 2' >"${root}/etc/fstab"
  printf 'user_allow_other\n' >>"${root}/etc/fuse.conf"
}

trust_ca() {
  install -m 644 "${ca_certificate}" "${root}/usr/local/share/ca-certificates/local-azure.crt"
  chroot "${root}" update-ca-certificates >/dev/null
  # RHEL's path of the same bundle.
  local bundle
  for bundle in etc/pki/tls/certs/ca-bundle.crt etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem; do
    mkdir -p "${root}/$(dirname "${bundle}")"
    ln -sf /etc/ssl/certs/ca-certificates.crt "${root}/${bundle}"
  done
}

# A package for RHEL looks in the rpm database for packages that dpkg has installed here.
register_with_rpm() {
  mkdir -p "${root}/etc/yum.repos.d" "${root}/var/lib/rpm" "${root}/tmp/rpm"
  {
    # ld.so and the libraries of programs in C or Go, by rpm's names.
    chroot "${root}" sh -c 'cd /lib/x86_64-linux-gnu &&
      /usr/lib/rpm/rpmdeps --provides ld-linux-x86-64.so.2 libc.so.6 libdl.so.2 libm.so.6 \
        libpthread.so.0 libresolv.so.2 librt.so.1 libfuse3.so.3' | sort -u | sed 's/^/Provides: /'
    cat "${sources}/build/debian-provides.spec"
  } >"${root}/tmp/rpm/debian-provides.spec"
  chroot "${root}" rpmbuild --quiet -bb --define '_topdir /tmp/rpm' /tmp/rpm/debian-provides.spec
  chroot "${root}" rpm --install --nodeps /tmp/rpm/RPMS/noarch/debian-provides-*.rpm
  rm -rf "${root}/tmp/rpm"
}

choose_units() {
  chroot "${root}" systemctl --quiet enable systemd-networkd.service \
    local-azure-provision.service local-azure-clock.timer local-azure-metadata.socket
  # local-azure-provision runs cloud-init; Debian's maintenance timers and sockets can't reach an archive.
  chroot "${root}" systemctl --quiet mask \
    cloud-init-local.service cloud-init.service cloud-config.service cloud-final.service cloud-init-hotplugd.socket \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    dnf-makecache.timer getty@tty1.service serial-getty@ttyS0.service systemd-networkd-wait-online.service \
    systemd-pstore.service ldconfig.service systemd-hwdb-update.service systemd-journal-catalog-update.service \
    systemd-update-done.service systemd-network-generator.service systemd-binfmt.service \
    modprobe@drm.service modprobe@efi_pstore.service modprobe@dm_mod.service modprobe@loop.service
}

# Debian's initramfs searches for every kind of disk; this one has the driver of the only disk.
build_initramfs() {
  local release tree="${root}/tmp/initramfs"
  release=$(basename "${root}"/lib/modules/*)
  mkdir -p "${tree}"/{bin,modules,proc,sys,dev,root}
  install -m 755 "${sources}/build/initramfs-init.sh" "${tree}/init"
  cp "${root}/bin/busybox" "${tree}/bin/busybox"
  local module
  for module in virtio_pci virtio_blk; do
    chroot "${root}" modprobe --set-version "${release}" --show-depends "${module}"
  done | awk '!seen[$2]++ { print $2 }' | while read -r path; do
    cp "${root}${path}" "${tree}/modules/"
    basename "${path}" >>"${tree}/modules/order"
  done
  chroot "${root}" bash -c 'cd /tmp/initramfs && find . | cpio --quiet -o -H newc' >"${root}/boot/initramfs-local-azure"
  rm -rf "${tree}" "${root}"/boot/initrd.img-*
}

# Each machine's identity is created at its provisioning and is never in the image.
forget_identity() {
  rm -f "${root}"/etc/ssh/ssh_host_*
  printf 'uninitialized\n' >"${root}/etc/machine-id"
  rm -rf "${root}"/var/cache/apt/* "${root}"/var/lib/apt/lists/* "${root}"/var/log/*.log
}

install_files
trust_ca
register_with_rpm
choose_units
build_initramfs
forget_identity
rm -rf "${sources}"
