package dev.nagare.server.grpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Lets answers that are ready together leave together: calls share a connection, and a system call
 * for each answer was more than half of what the server did at 20,000 small calls a second (2-core
 * AMD EPYC, 2026-11-26). Nothing waits for others: what is written is flushed once the event loop
 * has done the tasks that it has now.
 */
final class FlushedTogether implements Handler<HttpConnection> {
  private static final int MOST_FLUSHES = 64;

  @Override
  public void handle(HttpConnection connection) {
    if (connection instanceof ConnectionBase base) {
      ChannelHandlerContext http = base.channelHandlerContext();
      // Between HTTP/2 and TLS, so that records of TLS are filled, too.
      http.pipeline()
          .addBefore(http.name(), null, new FlushConsolidationHandler(MOST_FLUSHES, true));
    }
  }
}
