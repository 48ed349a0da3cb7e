package dev.nagare.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.server.config.JwtConfig;
import dev.nagare.server.config.Scope;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessTest {
  private static final String ISSUER = "https://issuer.example.org";

  private final Vertx vertx = Vertx.vertx();
  @TempDir private Path folder;

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private Access withTokens(String line) throws IOException {
    Path file = Files.writeString(folder.resolve("tokens"), line + "\n");
    return new Access(vertx, new SecurityConfig(null, file, null, Set.of(Scope.INFER), null));
  }

  private static void refused(int status, String saying, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProtocolException.class, refusal -> assertThat(refusal.status()).isEqualTo(status))
        .hasMessageContaining(saying);
  }

  @Test
  void aCallerMayWhatItsTokenSaysAndOneWithoutWhatEverybodyMay() throws IOException {
    Access access = withTokens(TokenFile.line("trainer", Set.of(Scope.LEARN), "secret"));
    Principal trainer = access.caller("Bearer secret", null);
    access.require(trainer, Scope.LEARN);
    refused(
        403,
        "expected a token with scope manage, that of trainer lacks it",
        () -> access.require(trainer, Scope.MANAGE));
    Principal anybody = access.caller(null, null);
    access.require(anybody, Scope.INFER);
    refused(401, "expected a token with scope learn", () -> access.require(anybody, Scope.LEARN));
    refused(401, "not known here", () -> access.caller("bearer guess", null));
    refused(401, "got another scheme", () -> access.caller("Basic dTpw", null));
  }

  @Test
  void aTokenWhereNoneAreConfiguredIsRefusedAndClosedScopesSayWhy() throws IOException {
    Access open = new Access(vertx, SecurityConfig.open());
    open.require(open.caller(null, null), Scope.MANAGE);
    refused(401, "this server has none configured", () -> open.caller("Bearer x", null));
    Access asking =
        new Access(vertx, new SecurityConfig(null, null, null, Set.of(Scope.INFER), null));
    refused(
        403,
        "scope learn is closed here",
        () -> asking.require(asking.caller(null, null), Scope.LEARN));
  }

  @Test
  void aFileReadAgainCountsAndAFaultyOneDoesNot() throws IOException {
    Access access = withTokens(TokenFile.line("a", Set.of(Scope.LEARN), "first"));
    Files.writeString(folder.resolve("tokens"), "nonsense\n");
    assertThatThrownBy(access::reload).isInstanceOf(IOException.class);
    assertThat(access.caller("Bearer first", null).name()).isEqualTo("a");
    Files.writeString(
        folder.resolve("tokens"), TokenFile.line("b", Set.of(Scope.LEARN), "second") + "\n");
    access.reload();
    assertThat(access.caller("Bearer second", null).name()).isEqualTo("b");
    refused(401, "not known", () -> access.caller("Bearer first", null));
  }

  @Test
  void aPrincipalIsValidForAsLongAsItsTokenStandsInTheFileWithTheSameScopes() throws IOException {
    String line = TokenFile.line("a", Set.of(Scope.INFER, Scope.LABEL_ANY), "first");
    assertThat(line).startsWith("a infer,label:any sha256:");
    Access access = withTokens(line);
    Principal caller = access.caller("Bearer first", null);
    assertThat(caller.may(Scope.LABEL_ANY)).isTrue();
    assertThat(caller.isValid()).isTrue();
    Path file = folder.resolve("tokens");
    Files.writeString(file, line + "\n" + TokenFile.line("b", Set.of(Scope.LEARN), "other") + "\n");
    access.reload();
    assertThat(caller.isValid()).isTrue();
    Files.writeString(file, TokenFile.line("a", Set.of(Scope.INFER), "first") + "\n");
    access.reload();
    assertThat(caller.isValid()).isFalse();
    assertThat(access.caller("Bearer first", null).isValid()).isTrue();
    assertThat(access.caller(null, null).isValid()).isTrue();
  }

  @Test
  void theConsolesTokenWorksOnce() throws IOException {
    Access access =
        new Access(vertx, new SecurityConfig(null, null, null, Set.of(Scope.INFER), "once"));
    assertThat(access.openConsole("twice")).isNull();
    String session = access.openConsole("once");
    assertThat(session).isNotNull();
    assertThat(access.openConsole("once")).isNull();
    access.require(access.caller(null, session), Scope.MANAGE);
    assertThat(access.caller(null, "other").isNamed()).isFalse();
  }

  @Test
  void aWebTokenOfTheIssuerIsBelievedAndEveryOtherIsNot() throws Exception {
    Certificate issuer = Certificate.make(folder, "issuer");
    Certificate other = Certificate.make(folder, "other");
    Path key = Files.writeString(folder.resolve("issuer.pem"), issuer.publicKey());
    var jwt = new JwtConfig(key, "ES256", ISSUER, "nagare");
    Access access = new Access(vertx, new SecurityConfig(null, null, jwt, Set.of(), null));

    JsonObject good = claims();
    Principal caller = access.caller("Bearer " + signed("ES256", good, issuer.key()), null);
    assertThat(caller).isEqualTo(new Principal("alice", Set.of(Scope.INFER, Scope.LEARN)));
    assertThat(caller.isValid()).isTrue();
    var clock = new AtomicLong(now());
    Principal leaving =
        Objects.requireNonNull(
            new WebTokens(vertx, jwt, clock::get).principal(signed("ES256", good, issuer.key())));
    assertThat(leaving.isValid()).isTrue();
    clock.addAndGet(600 + 60); // it expires, and then the leeway is over
    assertThat(leaving.isValid()).isFalse();
    believesNot(access, signed("ES256", claims().put("sub", "a".repeat(256)), issuer.key()));

    String none =
        encoded(new JsonObject().put("alg", "none").put("typ", "JWT")) + "." + encoded(good);
    believesNot(access, none + ".");
    believesNot(access, hmac(good, issuer.publicKey()));
    believesNot(access, signed("ES256", good, other.key()));
    believesNot(access, signed("ES256", claims().put("iss", "https://evil.example"), issuer.key()));
    believesNot(access, signed("ES256", claims().put("aud", "another"), issuer.key()));
    believesNot(access, signed("ES256", claims().put("exp", now() - 3600), issuer.key()));
    believesNot(access, signed("ES256", claims().put("nbf", now() + 3600), issuer.key()));
    for (String claim : Set.of("iss", "aud", "exp", "sub")) {
      JsonObject incomplete = claims();
      incomplete.remove(claim);
      believesNot(access, signed("ES256", incomplete, issuer.key()));
    }
    believesNot(access, "a.b.c");
    believesNot(access, "..");
  }

  private static void believesNot(Access access, String token) {
    refused(401, "not known here, or not valid", () -> access.caller("Bearer " + token, null));
  }

  private static long now() {
    return Instant.now().getEpochSecond();
  }

  private static JsonObject claims() {
    return new JsonObject()
        .put("sub", "alice")
        .put("iss", ISSUER)
        .put("aud", new JsonArray().add("nagare"))
        .put("exp", now() + 600)
        .put("scope", "infer learn fly");
  }

  private static String encoded(JsonObject json) {
    return encoded(json.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String signed(String algorithm, JsonObject claims, PrivateKey key)
      throws Exception {
    String content =
        encoded(new JsonObject().put("alg", algorithm).put("typ", "JWT")) + "." + encoded(claims);
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(key);
    signature.update(content.getBytes(StandardCharsets.US_ASCII));
    return content + "." + encoded(signature.sign());
  }

  /** Signed with the public key as if it were a shared secret. */
  private static String hmac(JsonObject claims, String publicKey) throws Exception {
    String content =
        encoded(new JsonObject().put("alg", "HS256").put("typ", "JWT")) + "." + encoded(claims);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(publicKey.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    return content + "." + encoded(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
  }
}
