package dev.nagare.server.admission;

import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * What comes out of compressed bytes: piece by piece, within a limit and a budget, since a few
 * kilobytes can grow to gigabytes. Not for an event loop.
 */
public final class Expansion {
  private static final int FIRST_PIECE = 8 << 10;
  private static final int LARGEST_PIECE = 1 << 20;

  private final InputStream plain;
  private final ByteBudget.Share room;
  private long taken;

  private Expansion(InputStream plain, ByteBudget.Share room) {
    this.plain = plain;
    this.room = room;
  }

  /**
   * Reads to the end.
   *
   * @param plain decompresses as it is read
   * @param limitBytes of what comes out
   * @param room grows by what came out; if it fails, by nothing
   * @param tooLarge what to say if more comes
   * @return the bytes in pieces, in their order
   * @throws ProtocolException if more comes than the limit, or than there is room for: status 429
   * @throws IOException as the stream throws it
   */
  public static List<byte[]> of(
      InputStream plain,
      int limitBytes,
      ByteBudget budget,
      ByteBudget.Share room,
      Supplier<ProtocolException> tooLarge)
      throws IOException {
    var expansion = new Expansion(plain, room);
    try {
      return expansion.read(limitBytes, budget, tooLarge);
    } catch (IOException | RuntimeException e) {
      room.shrink(expansion.taken); // nothing of it is kept
      throw e;
    }
  }

  private List<byte[]> read(int limitBytes, ByteBudget budget, Supplier<ProtocolException> tooLarge)
      throws IOException {
    List<byte[]> pieces = new ArrayList<>();
    int size = FIRST_PIECE;
    for (long left = limitBytes; ; size = Math.min(2 * size, LARGEST_PIECE)) {
      // One more than is allowed, so that the end is seen.
      int wanted = (int) Math.min(size, left + 1);
      if (!room.grow(wanted)) {
        throw budget.refusal();
      }
      taken += wanted;
      byte[] piece = new byte[wanted];
      int came = plain.readNBytes(piece, 0, wanted);
      left -= came;
      if (left < 0) {
        throw tooLarge.get();
      }
      if (came == wanted) {
        pieces.add(piece);
        continue;
      }
      if (came > 0) {
        pieces.add(Arrays.copyOf(piece, came));
      }
      room.shrink(wanted - came);
      return pieces;
    }
  }
}
