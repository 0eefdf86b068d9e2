"""From a Document to Facts and Residue: recognise, bind, convert. Blind to the identities; repairs nothing."""
