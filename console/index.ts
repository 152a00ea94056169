export { consoleRoutes } from './serve.ts';
