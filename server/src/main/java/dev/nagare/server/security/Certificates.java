package dev.nagare.server.security;

import dev.nagare.server.config.TlsConfig;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The certificates of the listeners, as they are in their files at this moment. */
public final class Certificates {
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

  private Certificates() {}

  /**
   * Reads the files.
   *
   * @throws IOException if one cannot be read
   */
  public static ServerSSLOptions read(TlsConfig config) throws IOException {
    var options =
        new ServerSSLOptions()
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .addCertValue(content(config.certificate()))
                    .addKeyValue(content(config.key())));
    options.setEnabledSecureTransportProtocols(PROTOCOLS);
    @Nullable Path roots = config.clientCa();
    if (roots != null) {
      options
          .setTrustOptions(new PemTrustOptions().addCertValue(content(roots)))
          .setClientAuth(ClientAuth.REQUIRED);
    }
    return options;
  }

  private static Buffer content(Path file) throws IOException {
    return Buffer.buffer(Files.readAllBytes(file));
  }
}
