package dev.nagare.tensor.kernel;

class ScalarKernelsConformanceTest extends KernelsConformanceTest {
  @Override
  Kernels kernels() {
    return KernelProviders.byName("scalar").kernels();
  }
}
