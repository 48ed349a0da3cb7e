/** A model that is small enough to reason about, in the package whose reports it must fill. */
@org.jspecify.annotations.NullMarked
package dev.nagare.models.online;
