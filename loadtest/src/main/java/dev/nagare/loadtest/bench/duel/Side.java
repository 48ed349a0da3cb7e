package dev.nagare.loadtest.bench.duel;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A workload in a JVM of its own: what its parent knows of it.
 *
 * <p>The child gets the opener's class and the arguments, and makes the workload from them.
 */
public interface Side {

  /** Makes a workload inside the child. An implementation has a constructor without arguments. */
  interface Opener {
    /**
     * Makes it.
     *
     * @param arguments the side's
     * @throws IOException if something that it reads is not there
     */
    Workload open(List<String> arguments) throws IOException;
  }

  /** What opens it. */
  Class<? extends Opener> opener();

  /** What the opener is told. */
  List<String> arguments();

  /** Threads that its library may use. */
  int threads();

  /** Flags of its JVM beyond those of the parent; a peer's log has nothing to say. */
  default List<String> jvmFlags() {
    return List.of(
        "-Xmx1g",
        "-Dai.djl.offline=true",
        "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider",
        "-Dslf4j.internal.verbosity=WARN");
  }

  /** Environment of its JVM; a peer's library is to fetch nothing and to report nothing. */
  default Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("OMP_NUM_THREADS", Integer.toString(threads()));
    environment.put("OPT_OUT_TRACKING", "true");
    environment.put("DJL_OFFLINE", "true");
    return environment;
  }
}
