package dev.nagare.server.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port and who listens there, whatever is spoken: what all doors have in common. Its connections
 * run on the event loop of one context.
 *
 * <p>Safe for any thread.
 */
public final class Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  private final Context loop;
  private final HttpServer server;

  /**
   * Where a door listens.
   *
   * @param host address
   * @param port 0 for any free one
   * @param maxMessageBytes largest message: of a WebSocket; of gRPC, as it comes and once it is
   *     decompressed
   * @param tls certificates; null for none
   */
  public record Address(
      String host, int port, int maxMessageBytes, @Nullable ServerSSLOptions tls) {

    /** The options of a server there. */
    public HttpServerOptions options() {
      var options =
          new HttpServerOptions()
              .setHost(host)
              .setPort(port)
              .setReuseAddress(true)
              .setTcpNoDelay(true);
      if (tls != null) {
        options
            .setSsl(true)
            .setKeyCertOptions(tls.getKeyCertOptions())
            .setTrustOptions(tls.getTrustOptions())
            .setClientAuth(tls.getClientAuth())
            .setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols());
      }
      return options;
    }
  }

  /** A listener that is not open yet. */
  public Listener(Context loop, HttpServer server) {
    this.loop = loop;
    this.server = server;
  }

  /** Opens it; fails with {@link java.net.BindException} if the port is taken. */
  public Future<Integer> open() {
    Promise<Integer> port = Promise.promise();
    loop.runOnContext(ignored -> server.listen().map(HttpServer::actualPort).onComplete(port));
    return port.future();
  }

  /** The port; valid once open. */
  public int port() {
    return server.actualPort();
  }

  /** Lets new connections see other certificates. */
  public void renew(ServerSSLOptions certificates) {
    server
        .updateSSLOptions(certificates)
        .onFailure(thrown -> LOG.error("Certificates are not usable: {}", thrown.getMessage()));
  }

  /**
   * Takes no more connections, lets the open ones finish, and closes what is left after the time.
   */
  public Future<Void> close(Duration patience) {
    return server.shutdown(patience.toMillis(), TimeUnit.MILLISECONDS);
  }
}
