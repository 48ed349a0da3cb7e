package dev.nagare.tensor.kernel;

import dev.nagare.tensor.TensorException;

/**
 * Kernels on the Vector API: the bits of the scalar ones, many times as fast; F64 is scalar.
 *
 * <p>Without the module, or without the compiler that turns it into vector instructions, the same
 * code would run hundreds of times slower, so the provider refuses.
 */
public final class VectorKernelProvider implements KernelProvider {

  /** For the service loader. */
  public VectorKernelProvider() {}

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public Kernels kernels() {
    if (!hasVectors()) {
      throw unavailable(
          "the JDK's module jdk.incubator.vector is not loaded; start java with"
              + " --add-modules=jdk.incubator.vector");
    }
    String mode = System.getProperty("java.vm.info", "");
    if (mode.contains("interpreted") || mode.contains("emulated-client")) {
      throw unavailable(
          "this JVM runs without its optimizing compiler ("
              + mode
              + "); start java without -Xint and -XX:TieredStopAtLevel");
    }
    if (Vectors.lanes() < 4) {
      throw unavailable("this machine's vectors have " + Vectors.lanes() + " floats, 4 are needed");
    }
    return Vectors.KERNELS;
  }

  /** Whether the JVM has the Vector API, as a module or on its boot class path. */
  public static boolean hasVectors() {
    try {
      Class.forName(
          "jdk.incubator.vector.FloatVector", false, VectorKernelProvider.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static TensorException unavailable(String why) {
    return new TensorException(
        TensorException.Kind.NATIVE, "kernels vector: " + why + "; the scalar kernels work");
  }

  /** Loaded only where the module is. */
  static final class Vectors {
    static final Kernels KERNELS =
        new PlainKernels(
            PlainIds.of("vector"),
            new VectorF32(),
            new ScalarF64(),
            new VectorImagesF32(new VectorF32()),
            new VectorHeads(),
            new VectorTiles(),
            new VectorChannels());

    private Vectors() {}

    static int lanes() {
      return VectorMath.FLOATS.length();
    }
  }
}
