/** One planted violation per determinism rule: a rule that does not catch its own is worthless. */
@NullMarked
package dev.nagare.loadtest.arch.violations;

import org.jspecify.annotations.NullMarked;
