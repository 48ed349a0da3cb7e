package dev.nagare.server.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One reading of the configuration: variables, faults so far, settings in use. */
final class Reading {
  private static final String PREFIX = "NAGARE_";

  /** Variables of other parts of Nagare: the folder of the unpacked native library. */
  private static final Set<String> ELSEWHERE = Set.of("NAGARE_NATIVE_DIR");

  /** Kubernetes gives pods such variables for a service named nagare-something. */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "NAGARE_(.+_)?(SERVICE_(HOST|PORT(_.+)?)|PORT_\\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)");

  private final String file;
  private final Map<String, String> variables = new TreeMap<>();
  private final Set<String> used = new HashSet<>();
  private final List<String> faults = new ArrayList<>();
  private final List<Setting> settings = new ArrayList<>();
  private final List<Declared> declared = new ArrayList<>();

  /**
   * A setting or section that was asked for, said or not.
   *
   * @param path of it; entries of a list have numbers
   * @param key its declaration
   * @param range what may stand there; null for a section
   * @param usual what stands there if nothing is said
   */
  record Declared(String path, Key key, @Nullable String range, String usual) {}

  Reading(String file, Map<String, String> environment) {
    this.file = file;
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX)) {
            variables.put(name, value);
          }
        });
  }

  /** {@code server.metrics-port} is set by {@code NAGARE_SERVER_METRICS_PORT}. */
  static String variableName(String path) {
    return PREFIX + path.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
  }

  String file() {
    return file;
  }

  @Nullable String variable(String path) {
    String name = variableName(path);
    used.add(name);
    return variables.get(name);
  }

  Map<String, String> variablesUnder(String path) {
    var under = new TreeMap<String, String>();
    variables.forEach(
        (name, value) -> {
          if (name.startsWith(variableName(path) + "_")) {
            under.put(name, value);
            used.add(name);
          }
        });
    return under;
  }

  String origin(int line) {
    return file + ":" + line;
  }

  void use(String path, String value, String origin) {
    settings.add(new Setting(path, value, origin));
  }

  void declare(String path, Key key, String range, String usual) {
    declared.add(
        new Declared(
            path,
            key,
            key.range() == null ? range : key.range(),
            key.usual() == null ? usual : key.usual()));
  }

  void declareSection(String path, Key key) {
    declared.add(new Declared(path, key, null, ""));
  }

  /** All that was asked for, in order. */
  List<Declared> declared() {
    return declared;
  }

  void fault(int line, String path, String what) {
    faults.add(origin(line) + ": " + path + ": " + what);
  }

  void fault(String variable, String what) {
    faults.add(variable + ": " + what);
  }

  /** The settings in use. */
  List<Setting> end() {
    variables.forEach(
        (name, value) -> {
          if (!used.contains(name) && !ELSEWHERE.contains(name) && !serviceLink(name, value)) {
            faults.add(
                name
                    + ": unknown variable; --print-config lists the settings, NAGARE_SERVER_PORT sets server.port");
          }
        });
    if (!faults.isEmpty()) {
      throw new ConfigException(faults);
    }
    return List.copyOf(settings);
  }

  private static boolean serviceLink(String name, String value) {
    return SERVICE_LINK.matcher(name).matches()
        || (name.endsWith("_PORT") && value.contains("://"));
  }
}
