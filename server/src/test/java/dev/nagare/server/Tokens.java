package dev.nagare.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A file of tokens: that of {@code ann} is {@code secret-of-ann}. */
public final class Tokens {
  private Tokens() {}

  /** The token of a caller. */
  public static String of(String caller) {
    return "secret-of-" + caller;
  }

  /**
   * Writes the file.
   *
   * @param callers a name and its scopes each, such as {@code ann infer,learn}
   */
  public static Path write(Path folder, String... callers)
      throws IOException, NoSuchAlgorithmException {
    var lines = new StringBuilder();
    for (String caller : callers) {
      String secret = of(caller.substring(0, caller.indexOf(' ')));
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
      lines.append(caller).append(" sha256:").append(HexFormat.of().formatHex(hash)).append('\n');
    }
    return Files.writeString(folder.resolve("tokens"), lines);
  }
}
