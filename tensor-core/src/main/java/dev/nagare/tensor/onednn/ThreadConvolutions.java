package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.onednn.ConvolutionPass.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * The convolutions that one thread has run lately, ready to run again, and the memory that they
 * need beside their arguments; see {@link ThreadMatmuls} for why.
 */
final class ThreadConvolutions {
  private static final Cleaner CLEANER = Cleaner.create();

  private static final int SETS = 64;
  private static final int WAYS = 4;

  private final Owned owned;
  private MemorySegment scratch = MemorySegment.NULL;

  ThreadConvolutions() {
    OneDnn.openMpThreads(1); // work is spread over lanes, never over a team inside one
    owned = new Owned(OneDnn.stream());
    CLEANER.register(this, owned);
  }

  /** Runs a pass of checked, non-empty F32 arguments: see {@link ConvolutionPass#run}. */
  void run(ConvolutionPass pass, long x, long weight, long bias, long y) {
    long bytes = pass.scratchBytes();
    if (scratch.byteSize() < bytes) {
      scratch = Arena.ofAuto().allocate(bytes, 64);
    }
    pass.run(owned.stream, scratch.address(), x, weight, bias, y);
  }

  ConvolutionPass pass(
      Kind kind, Window window, int groups, long n, long h, long w, long c, long o, boolean bias) {
    long hash = ((((n * 31 + h) * 31 + w) * 31 + c) * 31 + o) * 31 + groups;
    hash = ((hash * 31 + window.kernelH()) * 31 + window.strideH()) * 31 + kind.salt;
    int set = (int) ((hash * 0x9E3779B97F4A7C15L) >>> 58) * WAYS;
    for (int i = set; i < set + WAYS; i++) {
      ConvolutionPass found = owned.passes[i];
      if (found != null && found.key().is(kind, window, groups, n, h, w, c, o, bias)) {
        return found;
      }
    }
    var key = new ConvolutionPass.Key(kind, window, groups, n, h, w, c, o, bias);
    return owned.put(set, AmpleStack.call(() -> new ConvolutionPass(key)));
  }

  /** What the cleaner destroys; must not point back to the thread's object. */
  private static final class Owned implements Runnable {
    final long stream;
    final @Nullable ConvolutionPass[] passes = new ConvolutionPass[SETS * WAYS];
    int next;

    Owned(long stream) {
      this.stream = stream;
    }

    ConvolutionPass put(int set, ConvolutionPass pass) {
      int slot = set + next;
      next = (next + 1) % WAYS;
      ConvolutionPass old = passes[slot];
      passes[slot] = pass;
      if (old != null) {
        old.destroy();
      }
      return pass;
    }

    @Override
    public void run() {
      for (ConvolutionPass pass : passes) {
        if (pass != null) {
          pass.destroy();
        }
      }
      OneDnn.destroyStream(stream);
    }
  }
}
