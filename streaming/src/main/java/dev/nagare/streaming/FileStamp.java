package dev.nagare.streaming;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What tells a file from another one, or from itself after it was written again.
 *
 * @param written when it was written last
 * @param bytes of the file; -1 if it has just gone
 * @param key of the file in its file system; null where there are none
 */
record FileStamp(FileTime written, long bytes, @Nullable Object key) {

  /** The stamp of a file as it is now, behind all links. */
  static FileStamp of(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(found.lastModifiedTime(), found.size(), found.fileKey());
    } catch (IOException e) {
      return new FileStamp(FileTime.fromMillis(0), -1, null);
    }
  }
}
