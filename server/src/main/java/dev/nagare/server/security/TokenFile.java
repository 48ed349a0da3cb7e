package dev.nagare.server.security;

import dev.nagare.server.config.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of tokens, a line each: principal, scopes, SHA-256 of the token. The file does not tell
 * the tokens, which are 256 random bits, so that a plain hash cannot be turned around.
 *
 * <pre>{@code
 * # who     may          token
 * trainer   infer,learn  sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
 * }</pre>
 */
final class TokenFile {
  private static final String PREFIX = "sha256:";

  private final Map<String, Principal> byHash;

  private TokenFile(Map<String, Principal> byHash) {
    this.byHash = byHash;
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or says with its lines what is wrong in it
   */
  static TokenFile read(Path file) throws IOException {
    var byHash = new HashMap<String, Principal>();
    var faults = new ArrayList<String>();
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String fault = add(line.split("\\s+"), byHash);
      if (fault != null) {
        faults.add(file + ":" + (i + 1) + ": " + fault);
      }
    }
    if (!faults.isEmpty()) {
      throw new IOException(String.join("\n", faults));
    }
    return new TokenFile(byHash);
  }

  private static @Nullable String add(String[] words, Map<String, Principal> byHash) {
    if (words.length != 3) {
      return "expected principal, scopes and sha256:HASH, got " + words.length + " words";
    }
    if (!words[0].matches("[A-Za-z0-9@._-]{1,64}")) {
      return "expected a principal of up to 64 letters, digits, '@', '.', '_', '-'";
    }
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String word : words[1].split(",", -1)) {
      var scope = Scope.of(word);
      if (scope.isEmpty()) {
        return "expected scopes of " + Scope.words() + ", got '" + word + "'";
      }
      scopes.add(scope.get());
    }
    if (!words[2].matches(PREFIX + "[0-9a-f]{64}")) {
      return "expected sha256: and 64 hexadecimal digits, as 'nagare token' prints them";
    }
    Principal before =
        byHash.put(words[2].substring(PREFIX.length()), new Principal(words[0], scopes));
    return before == null ? null : "the token of " + before.name() + " stands here again";
  }

  /** The principal of a token, or null. The time it takes tells nothing: hashes are compared. */
  @Nullable Principal principal(String token) {
    return ofHash(hash(token));
  }

  /** The principal of a token with this hash, or null. */
  @Nullable Principal ofHash(String hash) {
    return byHash.get(hash);
  }

  /** A new token: 256 random bits. */
  static String newToken() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return "ngr_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The line of a token. */
  static String line(String principal, Set<Scope> scopes, String token) {
    return principal
        + " "
        + String.join(",", scopes.stream().sorted().map(Scope::word).toList())
        + " "
        + PREFIX
        + hash(token);
  }

  /** SHA-256, hexadecimal. */
  static String hash(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
