#!/usr/bin/python3
"""The component `file_cache` of the stand-in for blobfuse2: opening a file downloads all of it into a cache folder.

usage: file_cache.py [--allow-other] [--direct-io] --entry-timeout S --attr-timeout S --negative-timeout S
                     MOUNT_POINT CACHE_FOLDER STORAGE_FOLDER COMMAND...

COMMAND mounts the storage account at STORAGE_FOLDER; it ends with this process, and this process with it. As in blobfuse2
2.5 (component/file_cache/file_cache.go), with `timeout-sec: 0`:
- Opening downloads as many bytes as the blob has at that moment, and fails with EIO where the cache has no room for them.
- A file that is open is not downloaded again: who opens it meanwhile reads the same copy.
- Closing it deletes the copy.
`max-size-mb` deletes only copies of closed files, of which there are none.
"""

import argparse
import contextlib
import errno
import os
import subprocess
import sys
import syslog
import threading
import time

os.environ.setdefault("FUSE_LIBRARY_PATH", "libfuse3.so.3")
import mfusepy  # noqa: E402  it reads the variable

BLOCK_BYTES = 1024**2
MOUNT_TIMEOUT_SECONDS = 120
ATTRIBUTES = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid", "st_ino")


class Copy:
    """A file of the cache, while it is open."""

    def __init__(self):
        self.lock = threading.Lock()
        self.handles = 0


class FileCache(mfusepy.Operations):
    use_ns = True

    def __init__(self, storage, cache, direct_io):
        self.storage, self.cache, self.direct_io = storage, cache, direct_io
        # Open folders of the storage: the kernel would ask it for each folder of a path again.
        self.folders = {}
        self.copies, self.copies_lock = {}, threading.Lock()

    def init_with_config(self, _connection, config):
        if config is not None:
            config.direct_io = int(self.direct_io)

    def getattr(self, path, fh=None):
        found = self.at(path, lambda name, folder: os.stat(name, dir_fd=folder))
        attributes = {key: getattr(found, key) for key in ATTRIBUTES}
        for key in ("atime", "mtime", "ctime"):
            attributes[f"st_{key}"] = getattr(found, f"st_{key}_ns")
        return attributes

    def readdir(self, path, _fh):
        def names(name, folder):
            listed = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
            try:
                return os.listdir(listed)
            finally:
                os.close(listed)

        return [".", "..", *self.at(path, names)]

    def open(self, path, flags):
        with self.copies_lock:
            copy = self.copies.setdefault(path, Copy())
        local = self.cache + path
        with copy.lock:
            if copy.handles == 0:
                self.download(path, local)
            handle = os.open(local, os.O_RDONLY)
            copy.handles += 1
            return handle

    def read(self, _path, size, offset, handle):
        return os.pread(handle, size, offset)

    def release(self, path, handle):
        os.close(handle)
        copy = self.copies[path]
        with copy.lock:
            copy.handles -= 1
            if copy.handles == 0:
                os.unlink(self.cache + path)
        return 0

    def statfs(self, _path):
        found = os.statvfs(self.cache)
        return {key: getattr(found, key) for key in dir(found) if key.startswith("f_")}

    def at(self, path, use):
        """Calls use(name, folder) with the open folder of the storage that contains the path."""
        parent, name = os.path.split(path.rstrip("/"))
        try:
            return use(name or ".", self.folder(parent or "/"))
        except OSError:
            # The folder may have been replaced.
            with contextlib.suppress(KeyError):
                while parent not in ("", "/"):
                    os.close(self.folders.pop(parent))
                    parent = os.path.dirname(parent)
            return use(name or ".", self.folder(os.path.dirname(path.rstrip("/")) or "/"))

    def folder(self, path):
        if path not in self.folders:
            flags = os.O_PATH | os.O_DIRECTORY
            if path == "/":
                self.folders[path] = os.open(self.storage, flags)
            else:
                parent, name = os.path.split(path)
                self.folders[path] = os.open(name, flags, dir_fd=self.folder(parent))
        return self.folders[path]

    def download(self, path, local):
        os.makedirs(os.path.dirname(local), mode=0o777, exist_ok=True)
        source = self.at(path, lambda name, folder: os.open(name, os.O_RDONLY, dir_fd=folder))
        target = os.open(local, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            copy_bytes(source, target, os.fstat(source).st_size)
        except OSError as error:
            os.unlink(local)
            reason = os.strerror(error.errno).lower()
            syslog.syslog(
                syslog.LOG_ERR,
                f"LOG_ERR FileCache::OpenFile : error downloading file from storage {path[1:]} [write {local}: {reason}]",
            )
            raise mfusepy.FuseOSError(errno.EIO) from error
        finally:
            os.close(source)
            os.close(target)


def copy_bytes(source, target, size):
    while size > 0:
        block = os.read(source, min(size, BLOCK_BYTES))
        if not block:
            raise OSError(errno.EIO, "the blob has become shorter")
        size -= len(block)
        while block:
            block = block[os.write(target, block) :]


def unmount(folder):
    subprocess.run(["fusermount3", "-u", "-z", "-q", folder], check=False)


def mount_storage(command, folder):
    unmount(folder)  # of a process that was killed
    os.makedirs(folder, mode=0o700, exist_ok=True)
    process = subprocess.Popen(command)
    deadline = time.monotonic() + MOUNT_TIMEOUT_SECONDS
    while not os.path.ismount(folder):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"Error: failed to mount : {folder} was not mounted")
        time.sleep(0.05)
    return process


def end_with(process, ending):
    """blobfuse2 is one process: nothing must go on without the part that reads the storage account."""
    status = process.wait()
    if ending.is_set():
        return
    print(f"Error: {process.args[0]} ended with {status}", file=sys.stderr, flush=True)
    os._exit(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--allow-other", action="store_true")
    parser.add_argument("--direct-io", action="store_true")
    for name in ("entry", "attr", "negative"):
        parser.add_argument(f"--{name}-timeout", required=True)
    parser.add_argument("mount_point")
    parser.add_argument("cache")
    parser.add_argument("storage")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    syslog.openlog("blobfuse2")
    process = mount_storage(options.command, options.storage)
    ending = threading.Event()
    threading.Thread(target=end_with, args=(process, ending), daemon=True).start()
    try:
        mfusepy.FUSE(
            FileCache(options.storage, options.cache, options.direct_io),
            options.mount_point,
            foreground=True,
            ro=True,
            allow_other=options.allow_other,
            fsname="blobfuse2",
            entry_timeout=options.entry_timeout,
            attr_timeout=options.attr_timeout,
            negative_timeout=options.negative_timeout,
        )
    finally:
        ending.set()
        unmount(options.storage)
        with contextlib.suppress(OSError):
            os.rmdir(options.storage)


if __name__ == "__main__":
    main()
