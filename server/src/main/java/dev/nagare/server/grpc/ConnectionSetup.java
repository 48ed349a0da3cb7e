package dev.nagare.server.grpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * What is done once to each connection, before its first call; the one place that looks through a
 * connection of Vert.x at what is below it.
 *
 * @param windows what it may send ahead
 */
record ConnectionSetup(Windows windows) implements Handler<HttpConnection> {
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
