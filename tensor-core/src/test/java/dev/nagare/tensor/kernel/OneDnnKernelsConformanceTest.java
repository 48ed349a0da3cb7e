package dev.nagare.tensor.kernel;

class OneDnnKernelsConformanceTest extends KernelsConformanceTest {
  @Override
  Kernels kernels() {
    return KernelProviders.byName("onednn").kernels();
  }
}
