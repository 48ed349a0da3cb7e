package dev.nagare.server.http;

import dev.nagare.server.metrics.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.transport.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections each listener has, and the most that it may have. One more is closed as it
 * is accepted, before anything is read of it or allocated for it: a handler of Vert.x would hear of
 * a connection only once it has shaken hands or sent its first bytes, which a flood never does.
 *
 * <p>Safe for any thread.
 */
public final class Connections {
  private static final String UNNAMED = "other";

  private final int most;
  private final Metrics metrics;
  private final Map<Integer, String> doors = new ConcurrentHashMap<>();

  /**
   * Creates the limit.
   *
   * @param most connections of each listener at once
   * @param metrics told of those that there are, and of those that are closed
   */
  public Connections(int most, Metrics metrics) {
    this.most = most;
    this.metrics = metrics;
  }

  /** Says how a listener is called in metrics; for connections that come afterwards. */
  public void name(int port, String door) {
    doors.put(port, door);
  }

  /** A Vert.x whose listeners keep to the limit. */
  public Vertx vertx(VertxOptions options) {
    return Vertx.builder().with(options).withTransport(new Limited()).build();
  }

  /** The JDK's sockets, counted. */
  private final class Limited implements Transport {
    private final NioTransport sockets =
        new NioTransport() {
          @Override
          public ChannelFactory<? extends ServerChannel> serverChannelFactory(
              boolean domainSocket) {
            return domainSocket
                ? super.serverChannelFactory(true)
                : () -> new Counting(Connections.this);
          }
        };

    @Override
    public String name() {
      return "nio";
    }

    @Override
    public boolean available() {
      return true;
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
      return null;
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
      return sockets;
    }
  }

  /** A listening socket. */
  private static final class Counting extends NioServerSocketChannel {
    private final Connections limit;
    private final AtomicInteger open = new AtomicInteger();

    Counting(Connections limit) {
      this.limit = limit;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      int count = super.doReadMessages(accepted); // one, or none
      if (count <= 0) {
        return count;
      }
      var connection = (Channel) accepted.getLast();
      String door = limit.doors.getOrDefault(localAddress().getPort(), UNNAMED);
      if (open.incrementAndGet() > limit.most) {
        open.decrementAndGet();
        limit.metrics.refusedConnection(door);
        accepted.removeLast();
        connection.unsafe().closeForcibly();
        return 0; // the next one is accepted by the next turn of the loop
      }
      limit.metrics.connections(door, 1);
      connection
          .closeFuture()
          .addListener(
              closed -> {
                open.decrementAndGet();
                limit.metrics.connections(door, -1);
              });
      return count;
    }
  }
}
