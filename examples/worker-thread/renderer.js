// The renderer: three queries, and then it closes its port.
const { ipcRenderer } = require('../..');

ipcRenderer.once('database', ({ ports: [database] }) => {
  const countries = ['France', 'Peru', 'Kenya'];
  database.onmessage = ({ data: { id, capital } }) => {
    console.log(`the capital of ${countries[id]} is ${capital}`);
    if (id === countries.length - 1) database.close();
  };
  countries.forEach((country, id) => database.postMessage({ id, country }));
});
