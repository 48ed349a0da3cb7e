package dev.nagare.tensor.kernel;

/** Kernels that work on every machine, one element at a time; F32 and F64. */
public final class ScalarKernelProvider implements KernelProvider {
  private static final Kernels KERNELS =
      new PlainKernels(
          PlainIds.of("scalar"),
          new ScalarF32(),
          new ScalarF64(),
          new ScalarImagesF32(new ScalarF32()),
          new ScalarHeads(),
          new ScalarTiles(),
          new ScalarChannels());

  /** For the service loader. */
  public ScalarKernelProvider() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public Kernels kernels() {
    return KERNELS;
  }
}
