"""Tells on what kind of file system a path lies; SQLite needs a disk of this machine alone."""

from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORKED = frozenset(
    {
        "afs",
        "beegfs",
        "cifs",
        "davfs",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
    }
    | {"gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb2", "smb3", "smbfs"}
)


def kind_of(path: Path, *, mounts: Path = MOUNTS) -> str:
    """Give the kind of file system a path lies on, or nothing where the machine does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    place = path.resolve()
    found: dict[Path, str] = {}
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].encode().decode("unicode_escape"))
        if place.is_relative_to(point):
            found[point] = after.split()[0]  # the later of two mounts at one point hides the earlier
    return found[max(found, key=lambda point: len(point.parts))] if found else ""


def is_networked(path: Path, *, mounts: Path = MOUNTS) -> bool:
    """Tell whether a path lies on a disk that several machines share over a network."""
    return kind_of(path, mounts=mounts) in NETWORKED
