package dev.nagare.tensor.kernel;

import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The kernel providers on the class path. */
public final class KernelProviders {
  private static final List<String> PREFERENCE = List.of("onednn", "vector", "scalar");
  private static final List<KernelProvider> ALL =
      ServiceLoader.load(KernelProvider.class, KernelProviders.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private KernelProviders() {}

  /** Names of all providers, working here or not. */
  public static List<String> names() {
    return ALL.stream().map(KernelProvider::name).toList();
  }

  /**
   * The provider with this name; whether it works here, its {@link KernelProvider#kernels()} tells.
   *
   * @throws TensorException kind MISMATCH if there is none, with the names there are
   */
  public static KernelProvider byName(String name) {
    return ALL.stream()
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                TensorException.mismatch(
                    "kernels: no provider " + name + ", expected one of " + names()));
  }

  /** The first of onednn, vector and scalar that works here. */
  public static Choice best() {
    return firstOf(PREFERENCE);
  }

  /**
   * The first of these providers that works here.
   *
   * @throws TensorException kind NATIVE with all reasons if none does
   */
  public static Choice firstOf(List<String> names) {
    List<String> reasons = new ArrayList<>();
    for (String name : names) {
      KernelProvider provider = byName(name);
      try {
        return new Choice(provider, provider.kernels(), List.copyOf(reasons));
      } catch (TensorException e) {
        reasons.add(String.valueOf(e.getMessage()));
      }
    }
    throw new TensorException(
        TensorException.Kind.NATIVE, "kernels: none of " + names + " works here: " + reasons);
  }

  /**
   * A provider that works.
   *
   * @param provider it
   * @param kernels its kernels
   * @param reasons why each provider before it in the order of preference does not work here, one
   *     sentence each with the remedy; to be logged once by whoever chose
   */
  public record Choice(KernelProvider provider, Kernels kernels, List<String> reasons) {}
}
