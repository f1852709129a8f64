'use strict';

SwaggerUIBundle({
  url: document.getElementById('doc').dataset.document,
  dom_id: '#doc',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: 'none',
});
