#!/bin/busybox sh
# shellcheck shell=dash
# The first process of the VM: loads the disk's driver and starts the system on the disk.
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev
while read -r module; do
  $bb insmod "/modules/${module}"
done </modules/order
$bb mount -t ext4 -o noatime /dev/vda /root
$bb umount /dev
exec $bb switch_root /root /sbin/init
