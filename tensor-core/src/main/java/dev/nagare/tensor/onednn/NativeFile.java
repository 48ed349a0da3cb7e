package dev.nagare.tensor.onednn;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A library that is to be in a folder with known content.
 *
 * @param name of the file
 * @param resource where the class path has it
 * @param sha256 of its content, in hexadecimal
 */
record NativeFile(String name, String resource, String sha256) {
  private static final int BUFFER = 1 << 20;

  /**
   * Puts the library into the folder, unless it is there already and undamaged.
   *
   * <p>Safe if several processes do it at once: each writes a file of its own and renames it.
   *
   * @return its path
   * @throws IOException if the folder cannot be written
   * @throws DamagedException if the class path has no such library, or another one
   */
  Path unpack(Path folder) throws IOException {
    Path path = folder.resolve(name);
    if (Files.isRegularFile(path) && digest(path).equals(sha256)) {
      return path;
    }
    Path temporary = Files.createTempFile(folder, name, ".tmp");
    try {
      String digest = copyTo(temporary);
      if (!digest.equals(sha256)) {
        throw new DamagedException(
            "the class path has another " + name + ", SHA-256 " + digest + ", expected " + sha256);
      }
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return path;
  }

  private String copyTo(Path file) throws IOException {
    MessageDigest digest = sha256Digest();
    try (InputStream in = NativeFile.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new DamagedException("the class path has no " + resource);
      }
      try (OutputStream out = Files.newOutputStream(file)) {
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
          out.write(buffer, 0, n);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String digest(Path file) throws IOException {
    MessageDigest digest = sha256Digest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** The class path does not have what it should. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }
}
