package dev.nagare.graph.plan;

import dev.nagare.graph.pass.Ragged;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * Lays sequences of any lengths one after the other in a frame of a graph that {@link Ragged} made.
 *
 * <p>The caller fills the inputs of tokens beginning at {@link #start} of each sequence, and reads
 * the outputs from there. Tokens after the last sequence belong to none: their results mean nothing
 * and change no other's. Allocates nothing per call; one thread at a time.
 */
public final class Sequences {
  private final @Nullable Tensor offsets;
  private final @Nullable Tensor positions;
  private final long most;
  private final long tokens;

  /** For a frame, which has it: {@link Frame#sequences}. */
  Sequences(Frame frame) {
    offsets = frame.find(Ragged.OFFSETS);
    positions = frame.find(Ragged.POSITIONS);
    tokens = frame.input(0).dim(0);
    Tensor ends = offsets;
    most = ends == null ? tokens : ends.dim(0) - 1;
  }

  /**
   * Says how long the sequences of the next run are.
   *
   * @param lengths of which the first {@code count} count
   * @return how many tokens they have
   * @throws TensorException kind MISMATCH if they do not fit in the frame
   */
  public long place(int[] lengths, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += lengths[i];
      if (lengths[i] < 0) {
        throw TensorException.mismatch("sequences: length " + lengths[i]);
      }
    }
    if (count > most || sum > tokens) {
      throw TensorException.mismatch(
          "sequences: "
              + count
              + " with "
              + sum
              + " tokens, expected at most "
              + most
              + " with "
              + tokens);
    }
    long start = 0;
    for (int i = 0; i < count; i++) {
      begin(i, start);
      for (int at = 0; at < lengths[i]; at++) {
        position(start + at, at);
      }
      start += lengths[i];
    }
    for (long i = count; i <= most; i++) {
      begin(i, sum);
    }
    for (long at = sum; at < tokens; at++) {
      position(at, 0);
    }
    return sum;
  }

  private void begin(long sequence, long at) {
    Tensor all = offsets;
    if (all != null) {
      all.setLong(sequence, at);
    }
  }

  private void position(long token, long at) {
    Tensor all = positions;
    if (all != null) {
      all.setLong(token, at);
    }
  }

  /** Where a sequence begins, in tokens, after {@link #place}. */
  public long start(int sequence) {
    Tensor all = offsets;
    if (all == null) {
      throw TensorException.mismatch("sequences: nothing of this graph goes by sequences");
    }
    return all.getLong(sequence);
  }
}
