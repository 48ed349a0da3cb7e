package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.ALL;
import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.nagare.tensor.BFloat16;
import dev.nagare.tensor.DType;

/** Elements of F32 or BF16 as F32, of checked arguments, by address. */
final class Mixed {
  private Mixed() {}

  static float get(DType dtype, long address, long index) {
    return dtype == DType.F32
        ? getFloat(address, index)
        : BFloat16.toFloat(ALL.get(JAVA_SHORT_UNALIGNED, address + 2 * index));
  }

  static void set(DType dtype, long address, long index, float value) {
    if (dtype == DType.F32) {
      setFloat(address, index, value);
    } else {
      ALL.set(JAVA_SHORT_UNALIGNED, address + 2 * index, BFloat16.of(value));
    }
  }

  /** Copies to F32. */
  static void widen(DType dtype, long from, long to, long n) {
    for (long i = 0; i < n; i++) {
      setFloat(to, i, get(dtype, from, i));
    }
  }

  /** Copies from F32. */
  static void narrow(DType dtype, long from, long to, long n) {
    for (long i = 0; i < n; i++) {
      set(dtype, to, i, getFloat(from, i));
    }
  }
}
