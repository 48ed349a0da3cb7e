package dev.nagare.graph.plan;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Whether a product gives a row the same bits however many rows there are: run once per shape and
 * process, when a plan is compiled, at 2, 3, 16, 17 and as many rows as the plan has.
 *
 * <p>What 17 rows give is remembered, so that another number of rows is one run more.
 */
final class RowCheck {
  private static final int MOST = 17;
  private static final long BLOCK = 1 << 30; // a ByteBuffer holds less than twice as many
  private static final long[] FEW = {MOST, 2, 3, 16};
  private static final Map<String, RowCheck> SHAPES = new ConcurrentHashMap<>();

  private final PreparedKernels kernels;
  private final ProductSpec shape;
  private final Map<Long, Boolean> known = new HashMap<>(); // by number of rows; guarded by this

  /** What few rows give and how the weight lies for them; null before the first check. */
  private float @Nullable [] expected;

  private long order;

  RowCheck(PreparedKernels kernels, ProductSpec spec) {
    this.kernels = kernels;
    this.shape = rows(spec, 1);
  }

  /** The kernel for a product: the library's own, or one in tiles if that fails the check. */
  static PreparedKernel product(Kernels kernels, ProductSpec spec) {
    PreparedKernels prepared = kernels.prepared();
    String shape = kernels.id() + rows(spec, 1);
    // Made before the check, which asks for the same and is given it if kernels are shared.
    PreparedKernel kernel = prepared.product(spec);
    boolean holds = false;
    try {
      holds = SHAPES.computeIfAbsent(shape, any -> new RowCheck(prepared, spec)).holds(spec.m());
    } finally {
      if (!holds) {
        kernel.close();
      }
    }
    return holds ? kernel : new TiledProduct(prepared, spec);
  }

  /** The same product of another number of rows. */
  static ProductSpec rows(ProductSpec spec, long m) {
    return new ProductSpec(
        m,
        spec.n(),
        spec.k(),
        spec.transposed(),
        spec.dtype(),
        spec.result(),
        spec.bias(),
        spec.post(),
        spec.operands());
  }

  /** Whether few rows have one another's bits, and those of so many. */
  synchronized boolean holds(long m) {
    Boolean before = known.get(m);
    if (before != null) {
      return before;
    }
    try (var memory = new ProcessMemory("check of rows")) {
      var run = new Run(memory, Math.max(MOST, m));
      if (expected == null) {
        boolean few = true;
        for (long rows : FEW) {
          few &= run.agrees(rows);
        }
        for (long rows : FEW) {
          known.put(rows, few);
        }
      }
      // Unless it is one of the few.
      return known.computeIfAbsent(
          m, any -> known.getOrDefault((long) MOST, false) && run.agrees(m));
    }
  }

  /** A product of made up numbers, the same in the first rows however many there are. */
  private final class Run {
    private final ProcessMemory memory;
    private final Tensor x;
    private final Tensor weight;
    private final Tensor bias;
    private final List<Tensor> operands = new ArrayList<>();

    Run(ProcessMemory memory, long most) {
      this.memory = memory;
      var random = new Random(memory);
      x = random.next(shape.dtype(), most, shape.k());
      weight =
          shape.transposed()
              ? random.next(DType.F32, shape.n(), shape.k())
              : random.next(DType.F32, shape.k(), shape.n());
      bias = random.next(DType.F32, shape.n());
      for (Operand operand : shape.operands()) {
        operands.add(
            switch (operand.extent()) {
              case ELEMENT -> random.next(operand.dtype(), most, shape.n());
              case COLUMN -> random.next(operand.dtype(), shape.n());
              case SINGLE -> random.next(operand.dtype(), 1);
            });
      }
    }

    /** Whether so many rows have the bits that are expected; the first ever say what is. */
    boolean agrees(long m) {
      try (PreparedKernel kernel = kernels.product(rows(shape, m))) {
        Tensor packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
        kernel.pack(weight, packed);
        long lies = sum(packed);
        Tensor y = memory.empty(shape.result(), Shape.of(m, shape.n()));
        run(kernel, m, packed, y);
        Tensor some = y.narrow(0, Math.min(MOST, m));
        float[] first = (some.dtype() == DType.F32 ? some : some.to(DType.F32, memory)).toFloats();
        float[] wanted = expected;
        if (wanted == null) {
          expected = first;
          order = lies;
          return true;
        }
        return order == lies && Arrays.equals(first, 0, first.length, wanted, 0, first.length);
      }
    }

    private static long sum(Tensor packed) {
      var sum = new CRC32C();
      for (long at = 0; at < packed.elements(); at += BLOCK) {
        long count = Math.min(BLOCK, packed.elements() - at);
        sum.update(packed.narrow(at, count).segment().asByteBuffer());
      }
      return sum.getValue();
    }

    private void run(PreparedKernel kernel, long m, Tensor packed, Tensor y) {
      try (PreparedKernel.Call call = kernel.call(memory)) {
        call.input(x.narrow(0, m)).weight(packed).output(y);
        if (shape.bias()) {
          call.bias(bias);
        }
        int next = 0;
        for (int i = 0; i < shape.post().size(); i++) {
          if (shape.post().get(i) instanceof PostOp.Combine) {
            Tensor operand = operands.get(next);
            boolean rows = shape.operands().get(next).extent() == Operand.Extent.ELEMENT;
            call.operand(i, rows ? operand.narrow(0, m) : operand);
            next++;
          }
        }
        call.run();
      }
    }
  }

  /** Numbers between -1 and 1, from a table, since weights can be large. */
  private static final class Random {
    private static final int TABLE = 4099; // a prime: rows and columns are not repetitions
    private static final int APART = 977;
    private final ProcessMemory memory;
    private final float[] table = new float[TABLE];
    private int tensors;

    Random(ProcessMemory memory) {
      this.memory = memory;
      var random = new CounterRandom(1, 0, 0);
      for (int i = 0; i < TABLE; i++) {
        table[i] = (float) (2 * random.uniform(i) - 1);
      }
    }

    /** Another tensor, whose numbers do not depend on how large those before it are. */
    Tensor next(DType dtype, long... dims) {
      Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
      float[] values = new float[Math.toIntExact(tensor.elements())];
      int from = tensors++ * APART % TABLE;
      for (int at = 0; at < values.length; from = 0) {
        int count = Math.min(TABLE - from, values.length - at);
        System.arraycopy(table, from, values, at, count);
        at += count;
      }
      tensor.copyFrom(values, 0);
      return dtype == DType.F32 ? tensor : tensor.to(dtype, memory);
    }
  }
}
