package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.StridedProduct;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * {@link StridedProduct} in oneDNN. Primitives belong to the thread that uses them; the last
 * {@value #KEPT} of a thread are kept, and a cleaner destroys them when it ends.
 *
 * <p>Products that are small, or have a lone row, run in the kernels that are given: a call costs a
 * microsecond, and oneDNN has another kernel, with other bits, for one row. The choice depends on
 * the form alone.
 */
final class OneDnnStridedProduct implements StridedProduct {
  private static final int KEPT = 128;
  private static final long SMALL = 1 << 14;
  private static final Cleaner CLEANER = Cleaner.create();

  private static final ThreadLocal<Primitives> OF_THREAD = ThreadLocal.withInitial(Primitives::new);

  private final StridedProduct small;

  OneDnnStridedProduct(StridedProduct small) {
    this.small = small;
  }

  @Override
  public void run(Form form, long a, long b, long out) {
    long work = (long) form.count() * form.m() * form.n() * form.k();
    if (work <= SMALL || form.m() == 1 || form.n() == 1 || form.k() == 1) {
      small.run(form, a, b, out);
      return;
    }
    Owned owned = OF_THREAD.get().owned;
    owned.of(form).run(owned.stream, a, b, out);
  }

  private static final class Primitives {
    final Owned owned;

    Primitives() {
      OneDnn.openMpThreads(1); // work is spread over lanes, never over a team inside one
      owned = new Owned(OneDnn.stream());
      CLEANER.register(this, owned);
    }
  }

  /** What the cleaner destroys; must not point back to the thread's object. */
  private static final class Owned implements Runnable {
    final long stream;
    final @Nullable StridedMatmul[] kept = new StridedMatmul[KEPT];
    int next;

    Owned(long stream) {
      this.stream = stream;
    }

    StridedMatmul of(Form form) {
      for (int i = 0; i < KEPT; i++) {
        StridedMatmul matmul = kept[i];
        if (matmul == null) {
          break;
        }
        if (matmul.form().equals(form)) {
          return matmul;
        }
      }
      StridedMatmul made = AmpleStack.call(() -> new StridedMatmul(form));
      StridedMatmul old = kept[next];
      if (old != null) {
        old.destroy();
      }
      kept[next] = made;
      next = (next + 1) % KEPT;
      return made;
    }

    @Override
    public void run() {
      for (StridedMatmul matmul : kept) {
        if (matmul != null) {
          matmul.destroy();
        }
      }
      OneDnn.destroyStream(stream);
    }
  }
}
