/** Tests of this package. */
@NullMarked
package dev.nagare.server.admission;

import org.jspecify.annotations.NullMarked;
