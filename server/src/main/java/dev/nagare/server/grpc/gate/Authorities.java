package dev.nagare.server.grpc.gate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.vertx.core.net.HostAndPort;
import org.jspecify.annotations.Nullable;

/**
 * The names that callers have for this server, before the library reads them: at some with a
 * percent sign it throws, and closes the connection under all other calls. Those become a name that
 * the {@link Gate} refuses.
 */
final class Authorities extends Http2FrameListenerDecorator {
  /** In the place of a name that cannot be read; nobody's (RFC 6761). */
  static final String UNREADABLE = "unreadable.invalid";

  private static final AsciiString HOST = AsciiString.cached("host");

  private Authorities(Http2FrameListener next) {
    super(next);
  }

  /** Looks at the calls of a connection that begins. */
  static void watch(Http2ConnectionHandler http2) {
    http2.decoder().frameListener(new Authorities(http2.decoder().frameListener()));
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int stream,
      Http2Headers headers,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    mend(headers);
    super.onHeadersRead(context, stream, headers, padding, endOfStream);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int stream,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    mend(headers);
    super.onHeadersRead(
        context, stream, headers, dependency, weight, exclusive, padding, endOfStream);
  }

  private static void mend(Http2Headers headers) {
    if (isUnreadable(headers.authority())) {
      headers.authority(UNREADABLE);
    }
    if (isUnreadable(headers.get(HOST))) {
      headers.set(HOST, UNREADABLE);
    }
  }

  private static boolean isUnreadable(@Nullable CharSequence name) {
    if (name == null || AsciiString.indexOf(name, '%', 0) < 0) {
      return false;
    }
    try {
      return HostAndPort.parseAuthority(name.toString(), -1) == null;
    } catch (RuntimeException e) {
      return true;
    }
  }
}
