package dev.nagare.server.security;

import dev.nagare.server.config.JwtConfig;
import dev.nagare.server.config.Scope;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * JSON Web Tokens of one issuer. The algorithm is the configured one and never the token's choice,
 * so {@code none} and a public key taken for a shared secret are refused before anything is
 * verified (RFC 8725 §3.1).
 */
final class WebTokens {
  private static final int LEEWAY_SECONDS = 30;

  /** Of OpenID Connect; it travels in records. */
  private static final int LONGEST_SUBJECT = 255;

  private final JwtConfig config;
  private final JWTAuth provider;
  private final LongSupplier clock;

  WebTokens(Vertx vertx, JwtConfig config) throws IOException {
    this(vertx, config, () -> System.currentTimeMillis() / 1000);
  }

  /**
   * With another clock for tokens that are known already.
   *
   * @param clock seconds since 1970
   */
  WebTokens(Vertx vertx, JwtConfig config, LongSupplier clock) throws IOException {
    this.config = config;
    this.clock = clock;
    var key =
        new PubSecKeyOptions()
            .setAlgorithm(config.algorithm())
            .setBuffer(Files.readString(config.keys(), StandardCharsets.US_ASCII));
    try {
      provider =
          JWTAuth.create(
              vertx,
              new JWTAuthOptions()
                  .addPubSecKey(key)
                  .setJWTOptions(
                      new JWTOptions()
                          .setIssuer(config.issuer())
                          .addAudience(config.audience())
                          .setLeeway(LEEWAY_SECONDS)));
    } catch (RuntimeException e) {
      throw new IOException(
          config.keys() + ": expected the PEM of a public key for " + config.algorithm() + ", " + e,
          e);
    }
  }

  /** Whether it looks like one: three parts. */
  static boolean isOne(String token) {
    return token.chars().filter(c -> c == '.').count() == 2;
  }

  /** The principal of a token that is believed, or null. */
  @Nullable Principal principal(String token) {
    if (!hasAlgorithm(token)) {
      return null;
    }
    Future<User> verified = provider.authenticate(new TokenCredentials(token));
    // Verification is arithmetic; a provider that would wait for something is not one of ours.
    if (!verified.succeeded()) {
      return null;
    }
    JsonObject claims = verified.result().attributes().getJsonObject("accessToken");
    if (claims == null) {
      return null;
    }
    String subject = claims.getValue("sub") instanceof String text ? text : "";
    boolean complete =
        config.issuer().equals(claims.getValue("iss"))
            && claims.containsKey("aud")
            && claims.containsKey("exp")
            && !subject.isBlank()
            && subject.length() <= LONGEST_SUBJECT;
    if (!complete || !(claims.getValue("exp") instanceof Number expiry)) {
      return null;
    }
    long until = expiry.longValue() + LEEWAY_SECONDS;
    return new Principal(subject, scopes(claims)).whilst(() -> clock.getAsLong() < until);
  }

  private boolean hasAlgorithm(String token) {
    try {
      byte[] header = Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.')));
      var json = new JsonObject(new String(header, StandardCharsets.UTF_8));
      return config.algorithm().equals(json.getValue("alg"));
    } catch (IllegalArgumentException | DecodeException e) {
      return false;
    }
  }

  /** Of the claim {@code scope}, words with spaces between (RFC 8693 §4.2); others are not ours. */
  private static Set<Scope> scopes(JsonObject claims) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    if (claims.getValue("scope") instanceof String words) {
      for (String word : words.split(" ", -1)) {
        Scope.of(word).ifPresent(scopes::add);
      }
    }
    return scopes;
  }
}
