package dev.nagare.models.processing;

import org.jspecify.annotations.Nullable;

/**
 * What a version of a model has before and after it. Immutable, for any number of threads.
 *
 * @param image from a picture to inputs; null if it takes none
 * @param text from texts to inputs; null if it takes none
 * @param classes from an output to labels; null if there are none
 * @param embedding from an output to vectors; null if there are none
 */
public record Processing(
    @Nullable ImageInput image,
    @Nullable TextInput text,
    @Nullable Classes classes,
    @Nullable Embedding embedding) {

  /** Of a model that takes and gives tensors alone. */
  public static final Processing NONE = new Processing(null, null, null, null);
}
