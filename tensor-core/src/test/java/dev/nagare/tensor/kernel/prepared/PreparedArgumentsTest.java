package dev.nagare.tensor.kernel.prepared;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Window;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not fit is refused with a sentence, before any memory is touched. */
class PreparedArgumentsTest {
  private final ProcessMemory memory = new ProcessMemory("prepared arguments");

  @AfterEach
  void close() {
    memory.close();
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(TensorException.class).hasMessageContaining(message);
  }

  @Test
  void specificationsAreChecked() {
    DType f = DType.F32;
    List<PostOp> add = List.of(new PostOp.Combine(PostOp.Combination.ADD));
    refused(
        "product: expected rows, columns and terms from 1 to 2^31 - 1, got [0, 2, 3]",
        () -> new ProductSpec(0, 2, 3, false, f, f, false, List.of(), List.of()));
    refused(
        "product: expected F32 or BF16, got I64",
        () -> new ProductSpec(1, 2, 3, false, DType.I64, f, false, List.of(), List.of()));
    refused(
        "0 operands do not fit",
        () -> new ProductSpec(1, 2, 3, false, f, f, false, add, List.of()));
    refused(
        "convolution: expected groups that divide the channels 6 and 4, got 4",
        () ->
            new ConvolutionSpec(
                1, 5, 5, 6, 4, Window.of(3, 3), 4, f, f, false, List.of(), List.of()));
    refused(
        "convolution: an image [2, 2] with its padding is smaller than the window 3x3",
        () ->
            new ConvolutionSpec(
                1, 2, 2, 6, 4, Window.of(3, 3), 1, f, f, false, List.of(), List.of()));
    refused(
        "recurrence: expected a multiple of 32 units, got 48", () -> new RecurrenceSpec(5, 1, 48));
    refused(
        "attention: expected rows at least 32 apart, got [32, 16, 32]",
        () -> new AttentionSpec(1, 2, 2, 2, 16, 1, 32, 16, 32, null, f));
    refused(
        "attention: mask [1, 1, 2, 3] does not fit scores [1, 2, 2, 2]",
        () -> new AttentionSpec(1, 2, 2, 2, 16, 1, 32, 32, 32, Shape.of(1, 1, 2, 3), f));
    refused(
        "join: expected columns from 1 to 2^31 - 1, got [3, 0]",
        () -> new JoinSpec(2, List.of(3L, 0L), f));
    refused(
        "join: expected columns in all from 1 to 2^31 - 1, got [0]",
        () -> new JoinSpec(2, List.of(), f));
    refused(
        "pooling: expected a padding smaller than the kernel",
        () -> new PoolingSpec(PoolingSpec.Kind.MAX, 1, 4, 4, 1, Window.of(2, 2).padding(2, 0), f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void argumentsAreChecked(String provider) {
    PreparedKernels kernels = KernelProviders.byName(provider).kernels().prepared();
    DType f = DType.F32;
    ProductSpec spec = new ProductSpec(3, 4, 5, false, f, f, true, List.of(), List.of());
    Tensor x = memory.zeros(f, Shape.of(3, 5));
    Tensor y = memory.zeros(f, Shape.of(3, 4));
    Tensor w = memory.zeros(f, Shape.of(5, 4));
    try (PreparedKernel kernel = kernels.product(spec)) {
      PreparedKernel.Call call = kernel.call(memory);
      Tensor packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
      Tensor little = memory.empty(DType.U8, Shape.of(kernel.packedBytes() - 1));
      refused("product: x is F32 [3, 4], expected F32 [3, 5], dense", () -> call.input(y));
      refused("product: x is I64 [3, 5]", () -> call.input(memory.zeros(DType.I64, x.shape())));
      refused("product: input 1 was given, expected 1 inputs", () -> call.input(1, x));
      refused("product: y is F32 [3, 5], expected F32 [3, 4], dense", () -> call.output(x));
      refused("product: bias is F32 [3, 4], expected F32 [4]", () -> call.bias(y));
      refused("product: operand for post-op 0 was given, expected none", () -> call.operand(0, x));
      refused("product: packed weight is F32 [5, 4], expected U8 [", () -> call.weight(w));
      refused("product: packed weight is U8 [", () -> call.weight(little));
      refused("product: packed weight is U8 [", () -> kernel.pack(w, little));
      refused("product: weight is F32 [3, 5], expected F32 [5, 4]", () -> kernel.pack(x, packed));
      call.input(x).bias(memory.zeros(f, Shape.of(4))).output(y);
      refused("product: no WEIGHT", call::run);
      if (kernel.scratchBytes() > 0) {
        refused(
            "product: scratch is U8 [0]", () -> kernel.call(memory.empty(DType.U8, Shape.of(0))));
      }
      kernel.pack(w, packed);
      call.weight(packed).run();
      call.close();
      refused("product: call is closed", call::run);
    }
  }
}
