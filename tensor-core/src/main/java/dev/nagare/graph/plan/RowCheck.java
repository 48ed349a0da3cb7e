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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * Whether a product gives a row the same bits however many rows there are: run once per shape, when
 * a plan is compiled, at 2, 3, 16, 17 and as many rows as the plan has.
 */
final class RowCheck {
  private static final Map<String, Boolean> KNOWN = new ConcurrentHashMap<>();

  private RowCheck() {}

  /** The kernel for a product: the library's own, or one in tiles if that fails the check. */
  static PreparedKernel product(Kernels kernels, ProductSpec spec) {
    boolean holds =
        KNOWN.computeIfAbsent(kernels.id() + spec, any -> holds(kernels.prepared(), spec));
    return holds ? kernels.prepared().product(spec) : new TiledProduct(kernels.prepared(), spec);
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

  static boolean holds(PreparedKernels kernels, ProductSpec spec) {
    long most = Math.max(17, spec.m());
    try (var memory = new ProcessMemory("check of rows")) {
      var random = new Random(memory);
      Tensor x = random.next(spec.dtype(), most, spec.k());
      Tensor weight =
          spec.transposed()
              ? random.next(DType.F32, spec.n(), spec.k())
              : random.next(DType.F32, spec.k(), spec.n());
      Tensor bias = random.next(DType.F32, spec.n());
      List<Tensor> operands = new ArrayList<>();
      for (Operand operand : spec.operands()) {
        operands.add(
            switch (operand.extent()) {
              case ELEMENT -> random.next(operand.dtype(), most, spec.n());
              case COLUMN -> random.next(operand.dtype(), spec.n());
              case SINGLE -> random.next(operand.dtype(), 1);
            });
      }
      Tensor expected = null;
      Tensor packed = null;
      for (long m : LongStream.of(16, 2, 3, 17, spec.m()).distinct().toArray()) {
        try (PreparedKernel kernel = kernels.product(rows(spec, m))) {
          if (packed == null) {
            packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
            kernel.pack(weight, packed);
          } else if (packed.elements() != kernel.packedBytes()) {
            return false;
          }
          Tensor y = memory.empty(spec.result(), Shape.of(m, spec.n()));
          run(kernel, spec, m, x, packed, bias, operands, y);
          if (expected != null && !same(y, expected)) {
            return false;
          }
          expected = expected == null || expected.dim(0) < m ? y : expected;
        }
      }
      return true;
    }
  }

  private static void run(
      PreparedKernel kernel,
      ProductSpec spec,
      long m,
      Tensor x,
      Tensor packed,
      Tensor bias,
      List<Tensor> operands,
      Tensor y) {
    try (var scratch = new ProcessMemory("check of rows");
        PreparedKernel.Call call = kernel.call(scratch)) {
      call.input(x.narrow(0, m)).weight(packed).output(y);
      if (spec.bias()) {
        call.bias(bias);
      }
      int next = 0;
      for (int i = 0; i < spec.post().size(); i++) {
        if (spec.post().get(i) instanceof PostOp.Combine) {
          Tensor operand = operands.get(next);
          boolean rows = spec.operands().get(next).extent() == Operand.Extent.ELEMENT;
          call.operand(i, rows ? operand.narrow(0, m) : operand);
          next++;
        }
      }
      call.run();
    }
  }

  /** Whether the rows that both have are equal, bit by bit. */
  private static boolean same(Tensor a, Tensor b) {
    long rows = Math.min(a.dim(0), b.dim(0));
    return a.narrow(0, rows).hasSameBits(b.narrow(0, rows));
  }

  /** Numbers between -1 and 1, from a table, since weights can be large. */
  private static final class Random {
    private static final int TABLE = 4099; // a prime: rows and columns are not repetitions
    private final ProcessMemory memory;
    private final float[] table = new float[TABLE];
    private int next;

    Random(ProcessMemory memory) {
      this.memory = memory;
      var random = new CounterRandom(1, 0, 0);
      for (int i = 0; i < TABLE; i++) {
        table[i] = (float) (2 * random.uniform(i) - 1);
      }
    }

    Tensor next(DType dtype, long... dims) {
      Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
      float[] values = new float[Math.toIntExact(tensor.elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = table[next];
        next = next + 1 == TABLE ? 0 : next + 1;
      }
      tensor.copyFrom(values, 0);
      return dtype == DType.F32 ? tensor : tensor.to(dtype, memory);
    }
  }
}
