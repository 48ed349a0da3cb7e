package dev.nagare.loadtest.bench.serve.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server on this machine: requests go out as bytes, answers are recognised. Used
 * by one thread.
 */
abstract class Wire implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 17;

  /** What a wire has noticed. */
  interface Replies {
    /**
     * A request was answered.
     *
     * @param due when the request was due
     * @param call which of the calls it was
     * @param status as HTTP has it
     * @param bodyBytes of the answer
     */
    void replied(Wire wire, long due, int call, int status, int bodyBytes);
  }

  /** What came and was not understood yet, from 0 to its position. */
  final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** What is to be sent, from 0 to its position. */
  ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** Bodies of answers, if somebody wants to look at them. */
  @Nullable ByteArrayOutputStream kept;

  final Replies replies;
  private final SocketChannel channel;
  private final SelectionKey key;

  /** Connects. */
  Wire(int port, Selector selector, Replies replies) throws IOException {
    this.replies = replies;
    channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    key = channel.register(selector, SelectionKey.OP_READ, this);
  }

  /** Puts a request into {@link #out}. */
  abstract void write(Call call, int number, long due);

  /** Looks at what came; takes out of {@link #in} what is understood. */
  abstract void arrived() throws IOException;

  /** Tells the requests that have no answer, with status 0. */
  abstract void unanswered(Replies to);

  /** Makes {@link #out} large enough for so many bytes more. */
  final void makeRoom(int bytes) {
    if (out.remaining() < bytes) {
      out.flip();
      out = ByteBuffer.allocateDirect(out.limit() + bytes).put(out);
    }
  }

  /** Keeps a part of an answer's body, if somebody wants to look at it. */
  final void keep(int from, int to) {
    ByteArrayOutputStream wanted = kept;
    if (wanted != null) {
      byte[] part = new byte[to - from];
      in.get(from, part);
      wanted.writeBytes(part);
    }
  }

  final void send(Call call, int number, long due) throws IOException {
    write(call, number, due);
    flush();
  }

  /** Sends what the socket takes; the rest when it is writable again. */
  final void flush() throws IOException {
    out.flip();
    channel.write(out);
    boolean rest = out.hasRemaining();
    out.compact();
    int interest = rest ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
    if (key.interestOps() != interest) {
      key.interestOps(interest);
    }
  }

  final void ready() throws IOException {
    if (key.isWritable()) {
      flush();
    }
    if (key.isReadable()) {
      if (channel.read(in) < 0) {
        throw new IOException("the server closed the connection");
      }
      arrived();
      if (out.position() > 0) {
        flush();
      }
    }
  }

  @Override
  public final void close() throws IOException {
    key.cancel();
    channel.close();
  }
}
