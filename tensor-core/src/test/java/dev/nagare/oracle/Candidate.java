package dev.nagare.oracle;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;

/** Kernels and a dtype that are compared with libtorch, each with its bound. */
enum Candidate {
  /** The reference that all others are held to. */
  SCALAR_F64("scalar", DType.F64, Candidate.F64_ERROR),
  SCALAR_F32("scalar", DType.F32, Candidate.F32_ERROR),
  VECTOR_F32("vector", DType.F32, Candidate.F32_ERROR),
  ONEDNN_F32("onednn", DType.F32, Candidate.F32_ERROR);

  /** Two programs in f64 that sum in another order: some hundred roundings of 1e-16. */
  private static final double F64_ERROR = 1e-12;

  /** f32 against f64 from the same numbers: some hundred roundings of 6e-8. */
  private static final double F32_ERROR = 1e-5;

  private final String provider;
  private final DType dtype;
  private final double error;

  Candidate(String provider, DType dtype, double error) {
    this.provider = provider;
    this.dtype = dtype;
    this.error = error;
  }

  Kernels kernels() {
    return KernelProviders.byName(provider).kernels();
  }

  DType dtype() {
    return dtype;
  }

  /** Largest {@code |ours - theirs| / max(1, |theirs|)} of an element. */
  double error() {
    return error;
  }
}
