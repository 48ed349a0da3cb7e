package dev.nagare.tensor.onednn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.nagare.tensor.TensorException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.LongAdder;

/**
 * The functions of oneDNN and OpenMP that are used, one method each.
 *
 * <p>Pointers are longs. A status that is not success becomes a {@link TensorException} of kind
 * NATIVE with the function and the status by name. Handles are constants to the compiler, so this
 * class may be touched only after {@link NativeLibrary#open}. GPU engines are never asked for: on a
 * machine without OpenCL this build of oneDNN would end the process.
 */
@SuppressWarnings("restricted")
final class OneDnn {
  static final int SRC = 1;
  static final int DST = 17;
  static final int WEIGHTS = 33;
  static final int BIAS = 41;
  static final int SCRATCHPAD = 80;

  private static final int CPU = 1;
  static final int BF16 = 2;
  static final int F32 = 3;

  /** AVX-512 with products of BF16, in the mask of instruction sets. */
  private static final int AVX512_BF16 = 0xe7;

  private static final int SAME_TYPE = 0;
  private static final int USER_SCRATCHPAD = 1;
  private static final int QUERY_IMPLEMENTATION = 8;
  private static final int QUERY_SCRATCHPAD = 136;
  private static final String[] STATUS = {
    "success",
    "out_of_memory",
    "invalid_arguments",
    "unimplemented",
    "last_impl_reached",
    "runtime_error",
    "not_required"
  };

  static final MemoryLayout P = JAVA_LONG;
  static final MemoryLayout I = JAVA_INT;

  private static final MethodHandle VERSION = function("dnnl_version", P);
  private static final MethodHandle ISA = function("dnnl_get_effective_cpu_isa", I);
  private static final MethodHandle ENGINE = function("dnnl_engine_create", I, P, I, P);
  private static final MethodHandle STREAM = function("dnnl_stream_create", I, P, P, I);
  private static final MethodHandle STREAM_DESTROY = function("dnnl_stream_destroy", I, P);
  private static final MethodHandle DESC =
      function("dnnl_memory_desc_create_with_strides", I, P, I, P, I, P);
  private static final MethodHandle DESC_DESTROY = function("dnnl_memory_desc_destroy", I, P);
  private static final MethodHandle DESC_SIZE = function("dnnl_memory_desc_get_size", P, P);
  private static final MethodHandle MEMORY = function("dnnl_memory_create", I, P, P, P, P);
  private static final MethodHandle MEMORY_SET = function("dnnl_memory_set_data_handle", I, P, P);
  private static final MethodHandle MEMORY_DESTROY = function("dnnl_memory_destroy", I, P);
  private static final MethodHandle ATTR = function("dnnl_primitive_attr_create", I, P);
  private static final MethodHandle ATTR_SCRATCHPAD =
      function("dnnl_primitive_attr_set_scratchpad_mode", I, P, I);
  private static final MethodHandle ATTR_POST_OPS =
      function("dnnl_primitive_attr_set_post_ops", I, P, P);
  private static final MethodHandle ATTR_DESTROY = function("dnnl_primitive_attr_destroy", I, P);
  private static final MethodHandle POST_OPS = function("dnnl_post_ops_create", I, P);
  private static final MethodHandle POST_OPS_SUM =
      function("dnnl_post_ops_append_sum", I, P, JAVA_FLOAT, I, I);
  private static final MethodHandle POST_OPS_ELTWISE =
      function("dnnl_post_ops_append_eltwise", I, P, I, JAVA_FLOAT, JAVA_FLOAT);
  private static final MethodHandle POST_OPS_BINARY =
      function("dnnl_post_ops_append_binary", I, P, I, P);
  private static final MethodHandle POST_OPS_DESTROY = function("dnnl_post_ops_destroy", I, P);
  private static final MethodHandle MATMUL =
      function("dnnl_matmul_primitive_desc_create", I, P, P, P, P, P, P, P);
  private static final MethodHandle PD_QUERY = function("dnnl_primitive_desc_query", I, P, I, I, P);
  private static final MethodHandle PD_QUERY_DESC =
      function("dnnl_primitive_desc_query_md", P, P, I, I);
  private static final MethodHandle PD_DESTROY = function("dnnl_primitive_desc_destroy", I, P);
  private static final MethodHandle PRIMITIVE = function("dnnl_primitive_create", I, P, P);
  private static final MethodHandle EXECUTE = function("dnnl_primitive_execute", I, P, P, I, P);
  private static final MethodHandle PRIMITIVE_DESTROY = function("dnnl_primitive_destroy", I, P);
  private static final MethodHandle OPEN_MP_THREADS =
      Linker.nativeLinker()
          .downcallHandle(
              NativeLibrary.opened().openMp().findOrThrow("omp_set_num_threads"),
              FunctionDescriptor.ofVoid(JAVA_INT));

  /** How many objects of the library there are that have not been destroyed. */
  static final LongAdder OBJECTS = new LongAdder();

  /** The one engine of the process. */
  static final long ENGINE_CPU =
      created("dnnl_engine_create", out -> (int) ENGINE.invokeExact(out, CPU, 0L));

  private OneDnn() {}

  /** Such as {@code 3.13.0}. */
  static String version() {
    try {
      MemorySegment v = MemorySegment.ofAddress((long) VERSION.invokeExact()).reinterpret(12);
      return v.get(JAVA_INT, 0) + "." + v.get(JAVA_INT, 4) + "." + v.get(JAVA_INT, 8);
    } catch (Throwable e) {
      throw failed("dnnl_version", e);
    }
  }

  /** The instruction sets in use, as oneDNN's bit mask. */
  static int isa() {
    try {
      return (int) ISA.invokeExact();
    } catch (Throwable e) {
      throw failed("dnnl_get_effective_cpu_isa", e);
    }
  }

  /** Whether the processor multiplies BF16; without, oneDNN is slower with it than with F32. */
  static boolean hasBf16() {
    return (isa() & AVX512_BF16) == AVX512_BF16;
  }

  /** How many OpenMP threads work for the calling thread from now on. */
  static void openMpThreads(int threads) {
    try {
      OPEN_MP_THREADS.invokeExact(threads);
    } catch (Throwable e) {
      throw failed("omp_set_num_threads", e);
    }
  }

  static long stream() {
    return created("dnnl_stream_create", out -> (int) STREAM.invokeExact(out, ENGINE_CPU, 1));
  }

  static void destroyStream(long stream) {
    destroy("dnnl_stream_destroy", () -> (int) STREAM_DESTROY.invokeExact(stream));
  }

  /** Descriptor of a matrix of F32 or BF16. */
  static long matrix(int type, long rows, long columns, long rowStride, long columnStride) {
    try (Arena arena = Arena.ofConfined()) {
      long dims = arena.allocateFrom(JAVA_LONG, rows, columns).address();
      long strides = arena.allocateFrom(JAVA_LONG, rowStride, columnStride).address();
      return created(
          "dnnl_memory_desc_create_with_strides",
          out -> (int) DESC.invokeExact(out, 2, dims, type, strides));
    }
  }

  /** Descriptor of several F32 matrices of one size. */
  static long matrices(
      long count, long rows, long columns, long next, long rowStride, long columnStride) {
    try (Arena arena = Arena.ofConfined()) {
      long dims = arena.allocateFrom(JAVA_LONG, count, rows, columns).address();
      long strides = arena.allocateFrom(JAVA_LONG, next, rowStride, columnStride).address();
      return created(
          "dnnl_memory_desc_create_with_strides",
          out -> (int) DESC.invokeExact(out, 3, dims, F32, strides));
    }
  }

  static void destroyDescriptor(long descriptor) {
    destroy("dnnl_memory_desc_destroy", () -> (int) DESC_DESTROY.invokeExact(descriptor));
  }

  static long bytes(long descriptor) {
    try {
      return (long) DESC_SIZE.invokeExact(descriptor);
    } catch (Throwable e) {
      throw failed("dnnl_memory_desc_get_size", e);
    }
  }

  static long memory(long descriptor, long address) {
    return created(
        "dnnl_memory_create",
        out -> (int) MEMORY.invokeExact(out, descriptor, ENGINE_CPU, address));
  }

  static void setAddress(long memory, long address) {
    int status;
    try {
      status = (int) MEMORY_SET.invokeExact(memory, address);
    } catch (Throwable e) {
      throw failed("dnnl_memory_set_data_handle", e);
    }
    check("dnnl_memory_set_data_handle", status);
  }

  static void destroyMemory(long memory) {
    destroy("dnnl_memory_destroy", () -> (int) MEMORY_DESTROY.invokeExact(memory));
  }

  /** Attributes with a scratchpad of the user's, and {@code out += result} when accumulating. */
  static long attributes(boolean accumulate) {
    long attributes = created("dnnl_primitive_attr_create", out -> (int) ATTR.invokeExact(out));
    run(
        "dnnl_primitive_attr_set_scratchpad_mode",
        () -> (int) ATTR_SCRATCHPAD.invokeExact(attributes, USER_SCRATCHPAD));
    if (accumulate) {
      long postOps = postOps();
      run(
          "dnnl_post_ops_append_sum",
          () -> (int) POST_OPS_SUM.invokeExact(postOps, 1f, 0, SAME_TYPE));
      setPostOps(attributes, postOps);
    }
    return attributes;
  }

  static long postOps() {
    return created("dnnl_post_ops_create", out -> (int) POST_OPS.invokeExact(out));
  }

  static void appendFunction(long postOps, int algorithm, double alpha, double beta) {
    run(
        "dnnl_post_ops_append_eltwise",
        () -> (int) POST_OPS_ELTWISE.invokeExact(postOps, algorithm, (float) alpha, (float) beta));
  }

  static void appendCombination(long postOps, int algorithm, long operand) {
    run(
        "dnnl_post_ops_append_binary",
        () -> (int) POST_OPS_BINARY.invokeExact(postOps, algorithm, operand));
  }

  /** Gives the post-ops to the attributes and destroys them. */
  static void setPostOps(long attributes, long postOps) {
    run(
        "dnnl_primitive_attr_set_post_ops",
        () -> (int) ATTR_POST_OPS.invokeExact(attributes, postOps));
    destroy("dnnl_post_ops_destroy", () -> (int) POST_OPS_DESTROY.invokeExact(postOps));
  }

  static void destroyAttributes(long attributes) {
    destroy("dnnl_primitive_attr_destroy", () -> (int) ATTR_DESTROY.invokeExact(attributes));
  }

  /** Primitive descriptor of a product; {@code bias} 0 for none. */
  static long matmul(long src, long weights, long bias, long dst, long attributes) {
    return created(
        "dnnl_matmul_primitive_desc_create",
        out -> (int) MATMUL.invokeExact(out, ENGINE_CPU, src, weights, bias, dst, attributes));
  }

  /** Name of the implementation that answers, such as {@code brg_matmul:avx512_core}. */
  static String implementation(long primitiveDescriptor) {
    long name =
        asked(
            "dnnl_primitive_desc_query",
            out -> (int) PD_QUERY.invokeExact(primitiveDescriptor, QUERY_IMPLEMENTATION, 0, out));
    return MemorySegment.ofAddress(name).reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** Descriptor of the scratchpad; borrowed, not to be destroyed. */
  static long scratchpad(long primitiveDescriptor) {
    return layout(primitiveDescriptor, QUERY_SCRATCHPAD);
  }

  /** Descriptor of an argument that the primitive chose; borrowed, not to be destroyed. */
  static long layout(long primitiveDescriptor, int query) {
    try {
      return (long) PD_QUERY_DESC.invokeExact(primitiveDescriptor, query, 0);
    } catch (Throwable e) {
      throw failed("dnnl_primitive_desc_query_md", e);
    }
  }

  static void destroyPrimitiveDescriptor(long primitiveDescriptor) {
    destroy("dnnl_primitive_desc_destroy", () -> (int) PD_DESTROY.invokeExact(primitiveDescriptor));
  }

  static long primitive(long primitiveDescriptor) {
    return created(
        "dnnl_primitive_create", out -> (int) PRIMITIVE.invokeExact(out, primitiveDescriptor));
  }

  static void destroyPrimitive(long primitive) {
    destroy("dnnl_primitive_destroy", () -> (int) PRIMITIVE_DESTROY.invokeExact(primitive));
  }

  /** Runs a primitive; with OpenMP as its runtime oneDNN has finished when this returns. */
  static void execute(
      long primitive, long stream, int count, long arguments, String implementation) {
    int status;
    try {
      status = (int) EXECUTE.invokeExact(primitive, stream, count, arguments);
    } catch (Throwable e) {
      throw failed("dnnl_primitive_execute of " + implementation, e);
    }
    if (status != 0) {
      check("dnnl_primitive_execute of " + implementation, status);
    }
  }

  static MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
    return Linker.nativeLinker()
        .downcallHandle(
            NativeLibrary.opened().oneDnn().findOrThrow(name),
            FunctionDescriptor.of(result, parameters));
  }

  static long created(String function, Creation call) {
    long object = asked(function, call);
    OBJECTS.increment();
    return object;
  }

  static void destroy(String function, Call call) {
    run(function, call);
    OBJECTS.decrement();
  }

  private static long asked(String function, Creation call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      run(function, () -> call.into(out.address()));
      return out.get(JAVA_LONG, 0);
    }
  }

  static void run(String function, Call call) {
    int status;
    try {
      status = call.status();
    } catch (Throwable e) {
      throw failed(function, e);
    }
    check(function, status);
  }

  static void check(String function, int status) {
    if (status != 0) {
      String name = status > 0 && status < STATUS.length ? STATUS[status] : "status " + status;
      throw new TensorException(
          TensorException.Kind.NATIVE, "onednn: " + function + " answered " + name);
    }
  }

  static TensorException failed(String function, Throwable cause) {
    return new TensorException(
        TensorException.Kind.NATIVE, "onednn: " + function + " failed: " + cause, cause);
  }

  interface Call {
    int status() throws Throwable;
  }

  interface Creation {
    int into(long out) throws Throwable;
  }
}
