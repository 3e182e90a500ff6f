#!/usr/bin/env bash
# Packs a root file system into a disk image, and copies its kernel and initramfs.
# usage: make-disk.sh ROOT_TAR FOLDER SIZE    writes disk.raw, vmlinuz and initramfs to FOLDER
set -o errexit -o nounset -o pipefail

tar_file=${1:?tar of the root file system}
folder=${2:?folder}
size=${3:?size for truncate}

root=${folder}/root
mkdir -p "${root}"
chmod 755 "${root}"
tar -C "${root}" --exclude='./dev/*' -xf "${tar_file}"
cp "${root}"/boot/vmlinuz-* "${folder}/vmlinuz"
cp "${root}/boot/initramfs-local-azure" "${folder}/initramfs"
chmod 644 "${folder}/vmlinuz" "${folder}/initramfs"
truncate -s "${size}" "${folder}/disk.raw"
mke2fs -q -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 -L rootfs -d "${root}" "${folder}/disk.raw"
rm -rf "${root}"
