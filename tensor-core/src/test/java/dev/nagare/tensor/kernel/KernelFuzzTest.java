package dev.nagare.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.io.Safetensors;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.TensorException.Kind;
import dev.nagare.tensor.kernel.FamilyCalls.Argument;
import dev.nagare.tensor.kernel.FamilyCalls.Call;
import dev.nagare.tensor.kernel.FamilyCalls.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every method of the kernel families with arguments right and wrong: of other shapes and dtypes,
 * with gaps, on each other's memory, of a mapped file. The answer is a result or a refusal that
 * says why, never anything else.
 */
class KernelFuzzTest {
  private static final long SEED = 20261126;

  /** All arguments of a call lie somewhere in it, if they are to overlap. */
  private static final int SHARED = 1 << 12;

  private final Scope scope = new Scope(1 << 20);

  private static int rounds() {
    return switch (System.getProperty("nagare.checks", "verify")) {
      case "nightly" -> 3_000_000;
      case "ci" -> 300_000;
      default -> 30_000;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void everyCallGivesAResultOrARefusal(String provider, @TempDir Path folder) throws IOException {
    System.out.println("KernelFuzzTest seed " + SEED);
    Kernels kernels = KernelProviders.byName(provider).kernels();
    List<String> names = new ArrayList<>(FamilyCalls.METHODS.keySet());
    TreeMap<String, Integer> worked = new TreeMap<>();
    Path path = folder.resolve("mapped.safetensors");
    Tensor zeros = scope.zeros(DType.F32, Shape.of(SHARED));
    Safetensors.write(path, Map.of("zeros", zeros), Map.of());
    try (scope;
        Safetensors file = Safetensors.open(path)) {
      Tensor mapped = Objects.requireNonNull(file.tensors().get("zeros"));
      for (int round = 0, n = rounds(); round < n; round++) {
        String name = names.get(round % names.size());
        scope.reset();
        try {
          run(kernels, name, SEED + round, mapped);
          worked.merge(name, 1, Integer::sum);
        } catch (TensorException e) {
          assertThat(e.kind()).as("%s with seed %d", name, SEED + round).isEqualTo(Kind.MISMATCH);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(name + " with seed " + (SEED + round), e);
        }
      }
    }
    // What is nearly always refused would check nothing.
    int least = rounds() / names.size() / 10;
    for (String name : names) {
      assertThat(worked.getOrDefault(name, 0)).as(name).isGreaterThan(least);
    }
  }

  private void run(Kernels kernels, String name, long seed, Tensor mapped) {
    var random = new SplittableRandom(seed);
    Call call = Objects.requireNonNull(FamilyCalls.METHODS.get(name)).apply(random);
    DType dtype = random.nextInt(3) == 0 ? DType.F64 : DType.F32;
    Tensor shared = scope.zeros(dtype, Shape.of(SHARED));
    List<Argument> arguments = call.arguments();
    Tensor[] tensors = new Tensor[arguments.size()];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = tensor(random, arguments.get(i), dtype);
    }
    for (int i = random.nextInt(3); i > 0 && random.nextBoolean(); i--) {
      int at = random.nextInt(tensors.length);
      tensors[at] = spoiled(random, tensors, at, shared, mapped);
    }
    call.body().run(kernels, tensors);
    for (Tensor tensor : tensors) {
      for (long i = 0; i < tensor.elements(); i++) {
        var _ = tensor.get(i);
      }
    }
  }

  private Tensor tensor(SplittableRandom random, Argument argument, DType dtype) {
    boolean numbers = argument.role() == Role.NUMBERS;
    DType type = numbers && random.nextBoolean() ? DType.I64 : dtype;
    Tensor tensor = scope.empty(type, argument.shape());
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, numbers ? random.nextInt(3) : 4 * random.nextDouble() - 2);
    }
    return tensor;
  }

  private Tensor spoiled(
      SplittableRandom random, Tensor[] tensors, int at, Tensor shared, Tensor mapped) {
    Tensor tensor = tensors[at];
    long n = tensor.elements();
    return switch (random.nextInt(8)) {
      case 0 -> tensors[random.nextInt(tensors.length)];
      case 1, 2 -> on(shared, random, tensor);
      case 3 -> on(mapped, random, tensor);
      case 4 -> {
        DType[] all = DType.values();
        yield scope.zeros(all[random.nextInt(all.length)], tensor.shape());
      }
      case 5 -> tensor.shape().rank() > 1 ? tensor.transpose(0, -1) : tensor.unsqueeze(0);
      case 6 -> {
        if (n > 0) {
          double[] numbers = {-1, 0.5, 1e30, Double.NaN, Double.NEGATIVE_INFINITY, 99};
          tensor.set(random.nextLong(n), numbers[random.nextInt(numbers.length)]);
        }
        yield tensor;
      }
      default -> {
        long[] dims = tensor.shape().toArray();
        if (dims.length > 0) {
          dims[random.nextInt(dims.length)] = random.nextLong(5);
        }
        yield scope.zeros(tensor.dtype(), Shape.of(dims));
      }
    };
  }

  /** A tensor of the same shape in memory that others have too. */
  private static Tensor on(Tensor memory, SplittableRandom random, Tensor tensor) {
    long n = tensor.elements();
    if (n > memory.elements()) {
      return tensor;
    }
    long first = random.nextLong(Math.min(64, memory.elements() - n) + 1);
    return memory.narrow(first, n).reshape(tensor.shape().toArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void noFamilyWritesToAMappedFile(String provider, @TempDir Path folder) throws IOException {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    int offered = 0;
    try (scope) {
      for (DType dtype : new DType[] {DType.F32, DType.F64}) {
        for (String name : FamilyCalls.METHODS.keySet()) {
          offered += offer(kernels, name, dtype, folder.resolve(dtype + name));
        }
      }
    }
    assertThat(offered).isGreaterThan(2 * FamilyCalls.METHODS.size());
  }

  /** Offers a mapped tensor as each output of a call that works otherwise. */
  private int offer(Kernels kernels, String name, DType dtype, Path path) throws IOException {
    var random = new SplittableRandom(SEED);
    while (true) {
      scope.reset();
      Call call;
      Tensor[] tensors;
      try {
        call = Objects.requireNonNull(FamilyCalls.METHODS.get(name)).apply(random);
        tensors = new Tensor[call.arguments().size()];
        boolean some = true;
        for (int i = 0; i < tensors.length; i++) {
          tensors[i] = tensor(random, call.arguments().get(i), dtype);
          some &= tensors[i].elements() > 0;
        }
        call.body().run(kernels, tensors);
        if (!some) {
          continue;
        }
      } catch (TensorException e) {
        continue; // these sizes do not fit; the next ones
      }
      return offer(kernels, name, call, tensors, path);
    }
  }

  private static int offer(Kernels kernels, String name, Call call, Tensor[] tensors, Path path)
      throws IOException {
    Map<String, Tensor> saved = new LinkedHashMap<>();
    for (int i = 0; i < tensors.length; i++) {
      saved.put("t" + i, tensors[i]);
    }
    Safetensors.write(path, saved, Map.of());
    int offered = 0;
    try (Safetensors file = Safetensors.open(path)) {
      for (int i = 0; i < tensors.length; i++) {
        if (call.arguments().get(i).role() == Role.OUTPUT) {
          Tensor[] changed = tensors.clone();
          changed[i] = Objects.requireNonNull(file.tensors().get("t" + i));
          assertThat(changed[i].isReadOnly()).isTrue();
          refused(kernels, name, call, changed, i);
          offered++;
        }
      }
    }
    return offered;
  }

  private static void refused(Kernels kernels, String name, Call call, Tensor[] tensors, int at) {
    try {
      call.body().run(kernels, tensors);
    } catch (TensorException e) {
      assertThat(e.kind()).isEqualTo(Kind.MISMATCH);
      assertThat(e).as("%s, argument %d", name, at).hasMessageContaining("mapped file");
      return;
    }
    throw new AssertionError(name + " wrote to argument " + at + ", which is mapped");
  }
}
