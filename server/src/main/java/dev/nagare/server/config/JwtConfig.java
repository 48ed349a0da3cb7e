package dev.nagare.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which JSON Web Tokens (RFC 7519) are believed. All of it must be said: a token of another issuer,
 * for another audience or signed by another kind of algorithm is worth nothing.
 *
 * @param keys PEM file of the issuer's public key
 * @param algorithm that the issuer signs with
 * @param issuer claim {@code iss}
 * @param audience claim {@code aud}
 */
public record JwtConfig(Path keys, String algorithm, String issuer, String audience) {
  /**
   * Signatures with public keys only. A shared secret would let this server make tokens, and a
   * public key taken for a secret would let everybody make them.
   */
  private static final Set<String> ALGORITHMS =
      Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

  private static final Key KEYS = Key.of("keys", "the issuer's public key").within("a PEM file");
  private static final Key ALGORITHM =
      Key.of("algorithm", "the one algorithm that the issuer signs with");
  private static final Key ISSUER = Key.of("issuer", "what the claim `iss` must be");
  private static final Key AUDIENCE = Key.of("audience", "what the claim `aud` must be");

  static @Nullable JwtConfig read(Section in) {
    if (!in.says(KEYS)) {
      in.none("needs keys beside it", ALGORITHM, ISSUER, AUDIENCE);
      in.text(KEYS, "");
      in.end();
      return null;
    }
    String keys = in.text(KEYS, "");
    String algorithm =
        in.required(
            ALGORITHM,
            "one of " + String.join(", ", List.copyOf(ALGORITHMS).stream().sorted().toList()),
            String.join("|", ALGORITHMS));
    String issuer = in.required(ISSUER, "the claim iss of the tokens", ".*\\S.*");
    String audience = in.required(AUDIENCE, "the claim aud of the tokens", ".*\\S.*");
    in.end();
    if (!Files.isReadable(Path.of(keys))) {
      in.fault(KEYS, "expected a PEM file that can be read, got '" + keys + "'");
      return null;
    }
    return new JwtConfig(Path.of(keys), algorithm, issuer, audience);
  }
}
