package dev.nagare.tensor.kernel;

class VectorKernelsConformanceTest extends KernelsConformanceTest {
  @Override
  Kernels kernels() {
    return KernelProviders.byName("vector").kernels();
  }
}
