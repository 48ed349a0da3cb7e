package dev.nagare.nn;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * A part of a model with parameters of its own, and parts in it.
 *
 * <p>A layer adds a {@code forward} of its own; there is none here, since layers differ in what
 * they take and give. Not thread-safe. Counterpart: {@code torch.nn.Module}.
 */
@SuppressWarnings("JavaLangClash") // the word that everybody who trains networks knows
public abstract class Module {
  private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
  private final SequencedMap<String, Tensor> buffers = new LinkedHashMap<>();
  private final List<Module> parts = new ArrayList<>();
  private boolean training = true;

  /** Creates a module without parameters. */
  protected Module() {}

  /** Adds a parameter under its name. */
  protected final Parameter register(Parameter parameter) {
    add(parameter.name(), parameter);
    return parameter;
  }

  /** Adds a part; its parameters and buffers are called {@code name.parameter} from here. */
  protected final <M extends Module> M register(String name, M part) {
    part.namedParameters().forEach((inner, parameter) -> add(name + "." + inner, parameter));
    part.namedBuffers().forEach((inner, buffer) -> registerBuffer(name + "." + inner, buffer));
    parts.add(part);
    return part;
  }

  private void add(String name, Parameter parameter) {
    requireNew(name);
    parameters.put(name, parameter);
  }

  private void requireNew(String name) {
    if (parameters.containsKey(name) || buffers.containsKey(name)) {
      throw new IllegalArgumentException("module: there is a parameter " + name + " already");
    }
  }

  /** All parameters by name, in the order they were registered; a copy. */
  public final Map<String, Parameter> namedParameters() {
    return new LinkedHashMap<>(parameters);
  }

  /** All parameters, in the order they were registered; a copy. */
  public final List<Parameter> parameters() {
    return new ArrayList<>(parameters.values());
  }

  /**
   * Adds a tensor that is part of the state but no parameter, such as a running mean; no optimizer
   * changes it.
   */
  protected final Tensor registerBuffer(String name, Tensor buffer) {
    requireNew(name);
    buffers.put(name, buffer);
    return buffer;
  }

  /** All buffers by name, in the order they were registered; a copy. */
  public final Map<String, Tensor> namedBuffers() {
    return new LinkedHashMap<>(buffers);
  }

  /**
   * Everything that makes this module what it is, by name: values of parameters, then buffers. The
   * tensors are the module's own, not copies.
   */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> state.put(name, parameter.value()));
    state.putAll(buffers);
    return state;
  }

  /**
   * Takes over a state of the same names and shapes; floating point numbers of another dtype are
   * converted.
   *
   * @throws TensorException kind MISMATCH that lists everything that is missing, unexpected or of
   *     another shape or kind; nothing was changed then
   */
  public final void loadState(Map<String, Tensor> from) {
    Map<String, Tensor> own = state();
    List<String> faults = new ArrayList<>();
    own.forEach(
        (name, tensor) -> {
          Tensor given = from.get(name);
          if (given == null) {
            faults.add(name + " is missing, expected " + tensor);
          } else if (!given.shape().equals(tensor.shape()) || !fits(given, tensor)) {
            faults.add(name + " is " + given + ", expected " + tensor);
          }
        });
    for (String name : from.keySet()) {
      if (!own.containsKey(name)) {
        faults.add(name + " is unexpected");
      }
    }
    if (!faults.isEmpty()) {
      throw TensorException.mismatch("loadState: " + String.join("; ", faults));
    }
    for (Map.Entry<String, Tensor> entry : own.entrySet()) {
      entry.getValue().convertFrom(Objects.requireNonNull(from.get(entry.getKey())));
    }
  }

  private static boolean fits(Tensor given, Tensor own) {
    return given.dtype() == own.dtype() || (given.dtype().isFloating() && own.dtype().isFloating());
  }

  /**
   * Sets whether this and its parts train, as they do at first: what differs between training and
   * inference, such as {@link BatchNorm2d}, goes by it.
   */
  public final void train(boolean mode) {
    training = mode;
    for (Module part : parts) {
      part.train(mode);
    }
  }

  /** {@code train(true)}. */
  public final void train() {
    train(true);
  }

  /** {@code train(false)}: from here on it is for inference. */
  public final void eval() {
    train(false);
  }

  /** Whether this trains. */
  public final boolean isTraining() {
    return training;
  }

  /**
   * The parameter of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  public final Parameter parameter(String name) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException(
          "module: no parameter " + name + ", there are " + parameters.keySet());
    }
    return parameter;
  }
}
