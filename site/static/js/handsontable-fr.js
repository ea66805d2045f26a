// The menu of tables in the administration: Wagtail brings Handsontable in English alone.
(() => {
  const languages = window.Handsontable?.languages;
  if (!languages) {
    return;
  }
  const keys = languages.dictionaryKeys;
  languages.registerLanguageDictionary({
    languageCode: "fr-FR",
    [keys.CONTEXTMENU_ITEMS_ROW_ABOVE]: "Insérer une ligne au-dessus",
    [keys.CONTEXTMENU_ITEMS_ROW_BELOW]: "Insérer une ligne en dessous",
    [keys.CONTEXTMENU_ITEMS_INSERT_LEFT]: "Insérer une colonne à gauche",
    [keys.CONTEXTMENU_ITEMS_INSERT_RIGHT]: "Insérer une colonne à droite",
    [keys.CONTEXTMENU_ITEMS_REMOVE_ROW]: ["Supprimer la ligne", "Supprimer les lignes"],
    [keys.CONTEXTMENU_ITEMS_REMOVE_COLUMN]: ["Supprimer la colonne", "Supprimer les colonnes"],
    [keys.CONTEXTMENU_ITEMS_UNDO]: "Annuler",
    [keys.CONTEXTMENU_ITEMS_REDO]: "Rétablir",
  });
})();
