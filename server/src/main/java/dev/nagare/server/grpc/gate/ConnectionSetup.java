package dev.nagare.server.grpc.gate;

import dev.nagare.server.metrics.Metrics;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * What is done once to each connection, before its first call; the one place of this door that
 * looks through a connection of Vert.x at what is below it. For the event loop of the doors alone.
 */
public final class ConnectionSetup implements Handler<HttpConnection> {
  private final Windows windows;

  /**
   * Creates the setup of a door.
   *
   * @param metrics told of what connections may send ahead
   */
  public ConnectionSetup(Metrics metrics) {
    this.windows = new Windows(Windows.usualBytes(), metrics);
  }

  @Override
  public void handle(HttpConnection connection) {
    windows.handle(connection);
    ChannelHandlerContext http = ((ConnectionBase) connection).channelHandlerContext();
    if (http.handler() instanceof Http2ConnectionHandler http2) {
      Authorities.watch(http2);
      FlushedTogether.gather(http);
    } // else HTTP/1.1, which is told to go elsewhere
  }
}
