package dev.nagare.streaming;

import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.models.repository.RepositoryException;
import dev.nagare.streaming.ModelControl.Entry;
import dev.nagare.streaming.ModelControl.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What lies in a repository's folder, and what each version of it does.
 *
 * @param repository looked at
 * @param known models that were ever wanted, by name
 * @param loader of their versions
 */
record ModelIndex(
    ModelRepository repository, Map<String, LoadedModelService> known, VersionLoader loader) {

  /** Every version of every model; while nobody can read the folder, those that answer. */
  List<Entry> entries() {
    List<String> names;
    try {
      names = repository.names();
    } catch (RepositoryException e) {
      return served(String.valueOf(e.getMessage()));
    }
    List<Entry> entries = new ArrayList<>();
    for (String name : names) {
      try {
        repository.model(name).present().forEach(found -> entries.add(entry(found)));
      } catch (RepositoryException e) {
        String fault = String.valueOf(e.getMessage());
        List<Entry> still = served(name, fault);
        entries.addAll(
            still.isEmpty() ? List.of(new Entry(name, null, State.UNAVAILABLE, fault)) : still);
      }
    }
    return entries;
  }

  private List<Entry> served(String fault) {
    return known.keySet().stream().flatMap(name -> served(name, fault).stream()).toList();
  }

  private List<Entry> served(String name, String fault) {
    LoadedModelService service = known.get(name);
    return service == null
        ? List.of()
        : service.versions().stream()
            .map(version -> new Entry(name, version, State.READY, fault))
            .toList();
  }

  private Entry entry(ModelPackage found) {
    String version = Long.toString(found.version());
    if (loader.isLoading(found)) {
      return new Entry(found.name(), version, State.LOADING, "it is being compiled");
    }
    LoadedModelService service = known.get(found.name());
    if (service == null) {
      return new Entry(found.name(), version, State.UNAVAILABLE, "it was not loaded");
    }
    Served now = service.served();
    if (now != null && now.find(found.version()) != null) {
      return new Entry(found.name(), version, State.READY, "");
    }
    if (loader.isAlive(found)) {
      return new Entry(found.name(), version, State.UNLOADING, "it answers what it accepted");
    }
    return new Entry(found.name(), version, State.UNAVAILABLE, service.reason(found.version()));
  }
}
