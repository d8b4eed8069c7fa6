-- A mail that carries a new link to a reader's own page. On its own: a value may not be used where it is added.
ALTER TYPE "delivery_kind" ADD VALUE 'link';
