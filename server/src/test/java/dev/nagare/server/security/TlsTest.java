package dev.nagare.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.Doors;
import dev.nagare.server.config.Scope;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.server.config.TlsConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  @TempDir private Path folder;
  private Certificate server;

  @BeforeEach
  void make() throws Exception {
    server = Certificate.make(folder, "server");
    server.writeCertificate(folder.resolve("server.pem"));
    server.writeKey(folder.resolve("server.key"));
  }

  private Doors doors(TlsConfig tls) {
    var doors =
        new Doors(
            Set.of(),
            Set.of(),
            0,
            new SecurityConfig(tls, null, null, EnumSet.allOf(Scope.class), null));
    doors.openModels();
    return doors;
  }

  private TlsConfig tls(@Nullable Path clientCa) {
    return new TlsConfig(folder.resolve("server.pem"), folder.resolve("server.key"), clientCa);
  }

  private static HttpResponse<String> get(Doors doors, SSLContext context)
      throws IOException, InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(context).build()) {
      URI live = URI.create("https://127.0.0.1:" + doors.port() + "/v2/health/live");
      return client.send(
          HttpRequest.newBuilder(live).timeout(Duration.ofSeconds(20)).build(),
          BodyHandlers.ofString());
    }
  }

  @Test
  void aClientThatTrustsTheCertificateIsAnsweredAndPlainTextIsNot() throws Exception {
    try (Doors doors = doors(tls(null))) {
      HttpResponse<String> answer = get(doors, Certificate.client(server));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.sslSession())
          .hasValueSatisfying(s -> assertThat(s.getProtocol()).isEqualTo("TLSv1.3"));
      assertThatThrownBy(() -> doors.get("/v2/health/live")).isInstanceOf(IOException.class);
      Certificate stranger = Certificate.make(folder, "stranger");
      assertThatThrownBy(() -> get(doors, Certificate.client(stranger)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void withARootOfCallersOnlyTheirCertificatesAreLetIn() throws Exception {
    Certificate caller = Certificate.make(folder, "caller");
    Certificate stranger = Certificate.make(folder, "stranger");
    Path roots = caller.writeCertificate(folder.resolve("callers.pem"));
    try (Doors doors = doors(tls(roots))) {
      assertThat(get(doors, Certificate.client(server, caller)).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> get(doors, Certificate.client(server)))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> get(doors, Certificate.client(server, stranger)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void renewedFilesCountForNewConnectionsAndDamagedOnesDoNot() throws Exception {
    TlsConfig tls = tls(null);
    try (Doors doors = doors(tls)) {
      var renewal = new Renewal().watch(tls.files(), () -> doors.renew(tls));
      assertThat(get(doors, Certificate.client(server)).statusCode()).isEqualTo(200);

      Certificate next = Certificate.make(folder, "next");
      next.writeCertificate(tls.certificate());
      next.writeKey(tls.key());
      touch(tls.key(), 10);
      renewal.look();
      await()
          .ignoreExceptions()
          .until(() -> get(doors, Certificate.client(next)).statusCode() == 200);
      assertThatThrownBy(() -> get(doors, Certificate.client(server)))
          .isInstanceOf(IOException.class);

      Files.writeString(tls.certificate(), "no certificate");
      touch(tls.certificate(), 20);
      renewal.look();
      assertThat(get(doors, Certificate.client(next)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aKeyOfAnotherCertificateIsRefusedAtTheStartAndAtARenewal() throws Exception {
    TlsConfig tls = tls(null);
    Certificate next = Certificate.make(folder, "next");
    try (Doors doors = doors(tls)) {
      var renewal = new Renewal().watch(tls.files(), () -> doors.renew(tls));
      next.writeCertificate(tls.certificate());
      touch(tls.certificate(), 10);
      renewal.look();
      assertThat(get(doors, Certificate.client(server)).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> get(doors, Certificate.client(next)))
          .isInstanceOf(IOException.class);
      // The other half of the renewal comes, and counts.
      next.writeKey(tls.key());
      touch(tls.key(), 20);
      renewal.look();
      await()
          .ignoreExceptions()
          .until(() -> get(doors, Certificate.client(next)).statusCode() == 200);
    }
    server.writeKey(tls.key());
    assertThatThrownBy(() -> doors(tls).close())
        .hasMessageContaining(tls.key() + " is not the key of the certificate in")
        .hasMessageContaining("server.pem: expected both of one issue");
    Files.writeString(tls.key(), "no key");
    assertThatThrownBy(() -> doors(tls).close())
        .hasMessageContaining("expected the PEM of a certificate and of its key");
  }

  /** A file system may tell times in whole seconds. */
  private static void touch(Path file, long seconds) throws IOException {
    Files.setLastModifiedTime(
        file, FileTime.fromMillis(System.currentTimeMillis() + seconds * 1000));
  }
}
