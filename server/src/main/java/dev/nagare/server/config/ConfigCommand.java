package dev.nagare.server.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nagare config}: prints the reference of the start-up file and of {@code model.yaml}. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description =
        "Print every key of the start-up file and of model.yaml: unit, default, range and effect.",
    footer = {
      "",
      "docs/configuration-reference.md is what it prints. What a server runs with, and where each",
      "value came from, is printed by 'nagare serve --config FILE --print-config'."
    })
public final class ConfigCommand implements Callable<Integer> {
  @Option(names = "--json", description = "As JSON, a list of keys.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  ConfigCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? json() : Reference.markdown());
    out.flush();
    return 0;
  }

  private static String json() throws IOException {
    var text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      out.writeStartArray();
      for (Reference reference : Reference.all()) {
        for (Reference.Part part : reference.parts()) {
          for (Reference.Entry entry : part.entries()) {
            write(out, reference.of(), entry);
          }
        }
      }
      out.writeEndArray();
    }
    return text + "\n";
  }

  private static void write(JsonGenerator out, Reference.File of, Reference.Entry entry)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("file", of.path());
    out.writeStringField("key", entry.path());
    if (of == Reference.File.START_UP) { // no variable counts in the others
      out.writeStringField("variable", Reading.variableName(entry.path().replace("[]", "[0]")));
    }
    out.writeStringField("unit", entry.unit());
    out.writeStringField("default", entry.usual());
    out.writeStringField("range", entry.range());
    out.writeStringField("effect", entry.effect());
    out.writeEndObject();
  }
}
