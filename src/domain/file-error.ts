const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "its permissions don't allow it",
  EPERM: "its permissions don't allow it",
  EISDIR: "it is a folder",
  EROFS: "the file system is read-only",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "your quota on the disk is used up",
  EFBIG: "it may not grow any larger, see `ulimit -f`",
  EIO: "the disk reports an error",
};

/** Why a file can't be read or written, in the user's words; the system's own where there are none. */
export function fileTrouble(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return WORDS[code] ?? message;
}
